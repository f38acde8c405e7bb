/*
criterion = "peer_handles_early_dialogs"
title = "The peer can take as many early dialogs as the call needs"
document = "Technical requirements for media bypass in Lync Server 2013, requirement 1; New-CsTrunkConfiguration, MaxEarlyDialogs"
requirement = "1 early dialogs"
judged = """
Only calls from the PSTN are concerned: forked responses answer an INVITE that the peer sent. Needed are the early
dialogs seen, at least one. What is declared decides: MaxEarlyDialogs of the trunk, the entry for the peer, and what the
vendor says of its products (vendor_in_force). What the peer then really did is in
peer_profile and does not change the expectation.
"""
*/
with

declared as (
    select
        *,
        greatest(coalesce(early_dialogs, 0), 1) as needed,
        least(max_early_dialogs, gateway_max_early_dialogs, vendor_limit) as allowed
    from bypass_input
    where mode = 'server'
)

select
    call_no,
    case
        when direction = 'outbound' then 'pass'
        when allowed < needed and direction = 'inbound' then 'fail'
        when direction <> 'inbound' or configuration_problem is not null then 'unknown'
        when trunk_problem is not null and gateway_max_early_dialogs is null then 'unknown'
        else 'pass'
    end as outcome,
    case
        when direction = 'outbound' then 'the call went to the PSTN: the peer receives no forked responses'
        when direction <> 'inbound' then 'the direction of the call is not known'
        when configuration_problem is not null and allowed is null then configuration_problem
        when trunk_problem is not null and allowed is null then trunk_problem
        else concat(
            'early dialogs needed: ', needed, '; declared: ',
            concat_ws(
                ', ',
                case when max_early_dialogs is not null then 'trunk ' || trunk || ' ' || max_early_dialogs_words end,
                'entry for the peer ' || gateway_max_early_dialogs,
                known_vendor || ' ' || vendor_limit
            )
        )
    end as detail,
    list_concat(trunk_evidence, gateway_evidence, vendor_evidence, peer_invite) as evidence
from declared
