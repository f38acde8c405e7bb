/*
id = "SIG005"
title = "An answered call was ended for a cause other than hanging up"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
The BYE of an answered session carries a Reason (or ms-diagnostics) that is no normal hanging-up: a Q.850 cause other than those in
normal_causes, a SIP cause of 400 or higher, or a diagnostic of failure_diagnostics. Judged are answered sessions that ended with a
BYE; the reason says who sent it. A Reason without a cause that can be read is undecided."""
impact = """
The call was cut off, not ended: people call again."""
causes = [
    "Network out of order, a lost line or registration, a failed re-INVITE.",
    "No media for some time (ms-diagnostics 21 to 24, or a media time-out of the gateway).",
    "A session timer that was not refreshed.",
]
confirm = [
    "siplens call CALL: the BYE, its Reason and ms-diagnostics, and what came just before.",
    "Look the cause up in Q.850.",
]
fix = [
    "Follow the cause: media time-outs lead to DMR and MED rules, session timers to EnableSessionTimer.",
]
falsepositives = [
    "Gateways that put one and the same cause into every BYE.",
]
references = [
    "RFC 3326: Reason header; ITU-T Q.850: causes",
    "MS-OCER: ms-diagnostics",
]
[params]
normal_causes = [16, 17, 18, 19, 31]
failure_diagnostics = [4, 21, 22, 23, 24]
*/
with

ended as (
    select
        leg.leg_id,
        leg.peer_ip,
        leg.bye_id,
        case
            when leg.bye_by = 'caller' then leg.caller_role
            else leg.callee_role
        end as ender,
        leg.bye_by,
        date_diff('millisecond', leg.answered_ts, leg.bye_ts) / 1000.0 as talked_s,
        message.reason,
        try_cast(nullif(regexp_extract(message.reason, '(?i)q\.850\s*;[^,]*?cause\s*=\s*"?(\d+)', 1), '') as integer) as q850_cause,
        try_cast(nullif(regexp_extract(message.reason, '(?i)sip\s*;[^,]*?cause\s*=\s*"?(\d+)', 1), '') as integer) as sip_cause,
        try_cast(nullif(regexp_extract(message.ms_diagnostics, '(\d+)', 1), '') as integer) as diagnostic,
        message.ms_diagnostics
    from leg
    inner join message on leg.bye_id = message.message_id
    where leg.answered_ts is not null
),

judged as (
    select
        *,
        case
            when not list_contains($normal_causes, q850_cause) or sip_cause >= 400 then 'fail'
            when list_contains($failure_diagnostics, diagnostic) then 'fail'
            when reason is not null and q850_cause is null and sip_cause is null then 'unknown'
            else 'pass'
        end as status
    from ended
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    concat(
        format('BYE from the {} ({}) after {:.1f} s', bye_by, ender, talked_s),
        ', Reason ' || reason,
        ', ' || if(status = 'fail', ms_diagnostics, null)
    ) as reason,
    [{ 'message_id': bye_id, 'note': 'BYE' }] as evidence
from judged
