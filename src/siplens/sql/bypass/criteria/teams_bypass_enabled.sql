/*
criterion = "teams_bypass_enabled"
title = "Media bypass is on for the SBC"
document = "Set-CsOnlinePSTNGateway, MediaBypass and Enabled"
requirement = "teams"
judged = """
MediaBypass of the SBC that the peer is. An SBC that is not enabled takes no calls; one that does is enabled.
"""
*/
select
    call_no,
    case
        when configuration_problem is not null or teams_gateway is null or teams_problem is not null then 'unknown'
        when teams_media_bypass then 'pass'
        else 'fail'
    end as outcome,
    coalesce(configuration_problem, teams_problem, teams_words, 'the SBC is not in the configuration') as detail,
    coalesce(teams_evidence, []) as evidence
from bypass_input
where mode = 'teams'
