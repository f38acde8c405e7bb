/*
id = "BYP007"
title = "The client did not know the bypass ID of its own network adapter"
severity = "medium"
status = "stable"
subject = "call"
meaning = """
A quality report of this call carries MediaBypassWarningFlag 0x0001: bypass IDs matched, and yet the call was not bypassed, because the
client did not know the bypass ID of its default network adapter. Judged are calls with a quality report that has either bypass flag."""
impact = """
Bypass fails for this client alone, whatever the configuration says, and looks like a fault of the trunk."""
causes = [
    "A virtual adapter (Hyper-V, Credential Guard, VPN, container networks) is the default adapter.",
    "The adapter's subnet is in no network site.",
    "The client moved to another network and has not signed in again.",
]
confirm = [
    "On the client, list network adapters and their metrics: which is the default?",
    "Look the adapter's subnet up with Get-CsNetworkSubnet.",
]
fix = [
    "Give the virtual adapter a higher metric, or add its subnet to the site.",
    "Have the client sign out and in after a change of network.",
]
falsepositives = [
    "None known: the flag is the client's own word.",
]
references = [
    "MS-QoE section 2.2.1.4: v2:MediaBypassWarningFlag",
    "Microsoft: Session table of the QoE database: 0x0001 unknown bypass ID for default network adapter",
]
*/
with

reported as (
    select
        call_leg.call_no,
        max(qoe_report.bypass_warning_flag) as words,
        -- Written as 0x0001, 1 or True; absent or zero says that nothing is wrong.
        bool_or(coalesce(regexp_matches(trim(qoe_report.bypass_warning_flag), '(?i)^(true|(0x)?0*1)$'), false)) as is_set,
        bool_and(coalesce(regexp_matches(trim(qoe_report.bypass_warning_flag), '(?i)^(false|true|(0x)?0*[01]?)$'), true)) as is_known,
        min(qoe_report.message_id) filter (where qoe_report.bypass_warning_flag is not null) as message_id
    from qoe_report
    inner join leg on qoe_report.reported_call_id = leg.call_id
    inner join call_leg using (leg_id)
    where qoe_report.bypass_warning_flag is not null or qoe_report.mediation_bypass_flag is not null
    group by call_leg.call_no
)

select
    reported.call_no as subject_id,
    reported.call_no,
    call.peer_ip as peer,
    case
        when reported.is_set then 'fail'
        when not reported.is_known then 'unknown'
        else 'pass'
    end as status,
    case
        when reported.is_set then format('MediaBypassWarningFlag {}: unknown bypass ID for the default network adapter', reported.words)
        when not reported.is_known then format('MediaBypassWarningFlag {}: what it means is not published', reported.words)
        else 'no warning about bypass in the quality report'
    end as reason,
    [{ 'message_id': reported.message_id, 'note': 'quality report' }] as evidence
from reported
inner join call using (call_no)
