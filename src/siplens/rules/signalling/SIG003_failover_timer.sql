/*
id = "SIG003"
title = "Peer was too slow: the Mediation Server gave the trunk up after 10 s"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The Mediation Server invited the peer, got no progress (18x) and no answer, and cancelled about ten seconds later: the fast failover timer
ran out, and the call went to the next trunk or was dropped. Judged are INVITEs of a Mediation Server to a peer. The window lies between
from_s and to_s, in seconds."""
impact = """
Callers wait ten seconds in silence; then the call takes another, perhaps dearer, trunk, or fails."""
causes = [
    "The gateway sends 100 only, until the far end rings: slow networks, mobile and international calls.",
    "The gateway or its line is down.",
]
confirm = [
    "siplens call CALL: time from INVITE to the first 18x of calls that succeed.",
    "Is there another leg to the next trunk just after the CANCEL?",
]
fix = [
    "Let the gateway send 183 or 180 early; a 183 stops the timer.",
    "Set EnableFastFailoverTimer to False on this trunk.",
]
falsepositives = [
    "The caller hung up in just that second.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, EnableFastFailoverTimer (10 seconds)",
    "RFC 3261 section 9.1: CANCEL",
]
[params]
from_s = 9.5
to_s = 11.0
*/
with

invited as (
    select
        leg_id,
        peer_ip,
        invite_id,
        cancel_id,
        outcome,
        early_dialogs,
        date_diff('millisecond', started_ts, cancel_ts) / 1000.0 as waited_s
    from leg
    where side = 'peer' and invited_by = 'mediation' and invite_id is not null
),

judged as (
    select
        *,
        case
            when early_dialogs = 0 and waited_s between $from_s and $to_s then 'fail'
            when cancel_id is null and outcome = 'open' then 'unknown'
            else 'pass'
        end as status
    from invited
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'fail' then format('no progress from {}, and CANCEL after {:.1f} s', peer_ip, waited_s)
        when status = 'unknown' then 'what was read ends before the call could be answered'
        else concat('outcome: ', outcome)
    end as reason,
    [
        { 'message_id': invite_id, 'note': 'INVITE' },
        { 'message_id': cancel_id, 'note': 'CANCEL of the Mediation Server' }
    ] as evidence
from judged
