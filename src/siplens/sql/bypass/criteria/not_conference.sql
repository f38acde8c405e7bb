/*
criterion = "not_conference"
title = "The call is not a leg of a conference"
document = "New-CsNetworkMediaBypassConfiguration, EnabledForAudioVideoConferences; Media bypass (J. Stromgren's lab notes, 2011)"
requirement = "call"
judged = """
A conference's media goes through its MCU. It shows in Contact (isfocus) or in a URI with app:conf. Where neither is
seen, the call is taken for one between two parties.
"""
*/
select
    call_no,
    case
        when not is_conference then 'pass'
        when enabled_for_conferences then 'pass'
        else 'fail'
    end as outcome,
    case
        when not is_conference then 'no sign of a conference in the legs seen'
        when enabled_for_conferences then 'a conference, and EnabledForAudioVideoConferences is True'
        else 'a conference: its media goes through the conference server'
    end as detail,
    list_concat(conference_seen, if(enabled_for_conferences, settings_evidence, [])) as evidence
from bypass_input
where mode = 'server'
