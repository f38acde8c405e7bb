/*
criterion = "teams_call_can_bypass"
title = "The call is of a kind that bypasses"
document = "Plan for media bypass with Direct Routing: calls that media processors always take"
requirement = "call"
judged = """
Media processors are always in group calls, calls of federated users, transfers to Skype for Business, voice applications (auto
attendant, call queue, park), of web clients and of clients that only do DTLS. On the SBC's side a conference shows in Contact or URI, a
transfer in Replaces; the others do not show there: where nothing shows, the call is taken for one between two parties.
"""
*/
select
    call_no,
    if(is_conference or made_by_transfer, 'fail', 'pass') as outcome,
    case
        when is_conference then 'a group call: media processors take it'
        when made_by_transfer then 'made by a transfer: media processors may take it'
        else 'nothing shows a group call, a transfer or a voice application'
    end as detail,
    list_concat(conference_seen, if(made_by_transfer, transfer_seen, []), []) as evidence
from bypass_input
where mode = 'teams'
