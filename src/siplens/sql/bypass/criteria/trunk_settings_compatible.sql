/*
criterion = "trunk_settings_compatible"
title = "The trunk's other settings allow bypass"
document = "New-CsTrunkConfiguration, EnableBypass and EnableReferSupport"
requirement = "switches"
judged = """
ConcentratedTopology must be True; and EnableReferSupport must be True, or RTCPActiveCalls and RTCPCallsOnHold must both
be False.
"""
*/
select
    call_no,
    case
        when configuration_problem is not null or trunk_problem is not null then 'unknown'
        when concentrated_topology and (enable_refer_support or not (rtcp_active_calls or rtcp_calls_on_hold)) then 'pass'
        else 'fail'
    end as outcome,
    coalesce(
        configuration_problem,
        trunk_problem,
        'trunk ' || trunk || ': ' || topology_words || case
            when not concentrated_topology then '; bypass needs ConcentratedTopology True'
            when not enable_refer_support and (rtcp_active_calls or rtcp_calls_on_hold)
                then '; without EnableReferSupport, bypass needs RTCPActiveCalls and RTCPCallsOnHold False'
            else ''
        end
    ) as detail,
    list_concat(trunk_evidence, []) as evidence
from bypass_input
where mode = 'server'
