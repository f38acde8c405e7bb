/*
id = "SIG006"
title = "Call was rejected for a fault, not by a person"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
An INVITE was refused with a server or global failure (5xx, 6xx other than 600 and 603), or with a Q.850 cause that tells of a fault of the
network or of a resource. Busy, no answer, unknown numbers and refusals by people are no faults. Judged are sessions that ended with a
failure; 408 and 480 without a cause are undecided, for they may be either. The reason says who refused."""
impact = """
Calls fail although caller and called person are fine."""
causes = [
    "No free channel or bandwidth: causes 34, 42, 44, 47; 503.",
    "A line or trunk out of order: causes 27, 38, 41.",
    "A fault of the server: 500, 504; a translation or route that is missing.",
]
confirm = [
    "siplens call CALL: who sent the failure, with which Reason and ms-diagnostics.",
    "siplens peers: how many calls of this peer fail?",
]
fix = [
    "Follow the cause: channels and licences, the line, DNS and routes.",
]
falsepositives = [
    "Systems that answer 503 or 604 for unknown numbers.",
]
references = [
    "RFC 3261 sections 21.5 and 21.6; RFC 3326: Reason; ITU-T Q.850: causes",
    "RFC 3398: mapping of causes and SIP statuses",
]
[params]
fault_causes = [25, 27, 29, 34, 38, 39, 41, 42, 43, 44, 47, 58, 63, 79, 88, 96, 97, 98, 99, 100, 101, 102, 111, 127]
*/
with

refused as (
    select
        leg.leg_id,
        leg.peer_ip,
        leg.invite_id,
        leg.final_id,
        leg.final_status,
        leg.final_reason,
        message.src_ip,
        coalesce(host.role, 'unknown') as refuser,
        message.reason,
        message.ms_diagnostics,
        try_cast(nullif(regexp_extract(message.reason, '(?i)q\.850\s*;[^,]*?cause\s*=\s*"?(\d+)', 1), '') as integer) as q850_cause
    from leg
    inner join message on leg.final_id = message.message_id
    left join host on message.src_ip = host.ip
    where leg.outcome = 'rejected' and leg.final_status >= 400 and leg.final_status not in (401, 407)
),

judged as (
    select
        *,
        case
            when list_contains($fault_causes, q850_cause) then 'fail'
            when q850_cause is not null then 'pass'
            when final_status >= 500 and final_status not in (600, 603) then 'fail'
            when final_status in (408, 480) then 'unknown'
            else 'pass'
        end as status
    from refused
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    concat(
        final_status, ' ', final_reason, ' from ', src_ip, ' (', refuser, ')',
        ', Reason ' || reason,
        if(status = 'unknown', ': a person or a fault, nothing says which', '')
    ) as reason,
    [
        { 'message_id': invite_id, 'note': 'INVITE' },
        { 'message_id': final_id, 'note': format('{} {}', final_status, final_reason) }
    ] as evidence
from judged
