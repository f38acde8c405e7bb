/*
criterion = "not_transferred"
title = "No transfer takes the call out of bypass"
document = "New-CsTrunkConfiguration, EnableReferSupport"
requirement = "call"
judged = """
With EnableReferSupport the peer handles a transfer itself. Without it, a bypassed call that is transferred goes on
through the Mediation Server, which is no fault: a call made by a transfer (INVITE with Replaces) is not expected to
bypass. A call in which a transfer began (REFER) was bypassed before and is not afterwards, so no one answer fits it.
"""
*/
select
    call_no,
    case
        when not was_transferred then 'pass'
        when enable_refer_support then 'pass'
        when enable_refer_support is null then 'unknown'
        when made_by_transfer then 'fail'
        else 'unknown'
    end as outcome,
    case
        when not was_transferred then 'no transfer in the legs seen'
        when enable_refer_support then 'transferred, and trunk ' || trunk || ' has EnableReferSupport True'
        when enable_refer_support is null then 'transferred; ' || coalesce(configuration_problem, trunk_problem)
        when
            made_by_transfer
            then 'made by a transfer, and trunk ' || trunk || ' has EnableReferSupport False: bypass ends with the transfer'
        else 'transferred during the call, and trunk ' || trunk || ' has EnableReferSupport False: bypass ends with the transfer'
    end as detail,
    list_concat(transfer_seen, if(was_transferred, trunk_evidence, [])) as evidence
from bypass_input
where mode = 'server'
