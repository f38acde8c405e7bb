/*
id = "SIG002"
title = "INVITE never got a final answer"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
An INVITE was seen, time for an answer was over (32 seconds without any response, three minutes after the last progress), and no final
response came. Judged is every session with an INVITE. Where nothing at all was seen from the other side, in this session or another,
the capture may show one direction only; where the capture lost packets or holds damaged messages, the answer may be among them: both
are unknown."""
impact = """
The caller waits in silence or with ringback until somebody gives up."""
causes = [
    "The receiver is down, or the INVITE never reaches it.",
    "Its answers go astray: a wrong Via, or a firewall that forgot the connection.",
    "The called side rings for ever.",
]
confirm = [
    "siplens call CALL: the last message from the other side.",
    "Does the receiver answer OPTIONS (SIG004)?",
]
fix = [
    "Look at the receiver's log for this Call-ID.",
    "Check routing and firewall between the two addresses, for answers too.",
]
falsepositives = [
    "A capture that shows one direction only: siplens looks for anything sent the other way.",
]
references = [
    "RFC 3261 section 17.1.1.2: timer B",
    "RFC 3261 section 16.6: timer C of a proxy",
]
*/
with

waiting as (
    select
        leg.leg_id,
        leg.peer_ip,
        leg.invite_id,
        leg.outcome,
        leg.dst_ip,
        leg.src_ip,
        leg.final_status,
        leg.early_dialogs,
        leg.started_ts,
        leg.last_ts
    from leg
    where leg.invite_id is not null
),

-- Whether anything went the other way on this hop: else the capture may be blind there.
way_back as (
    select
        source_id,
        src_ip,
        dst_ip,
        bool_or(len(problems) > 0) as is_damaged
    from message
    group by source_id, src_ip, dst_ip
),

-- A capture that lost packets may have lost the answer.
leaky as (
    select distinct source_id
    from capture_health
    where check_name in ('drops', 'cut_packets', 'corrupt_record')
),

judged as (
    select
        waiting.*,
        case
            when waiting.outcome = 'open' then 'unknown'
            when waiting.outcome <> 'unanswered' then 'pass'
            when way_back.source_id is not null and not way_back.is_damaged and leaky.source_id is null then 'fail'
            else 'unknown'
        end as status,
        way_back.is_damaged or leaky.source_id is not null as is_doubtful
    from waiting
    left join message on waiting.invite_id = message.message_id and waiting.outcome = 'unanswered'
    left join way_back
        on message.source_id = way_back.source_id and waiting.dst_ip = way_back.src_ip and waiting.src_ip = way_back.dst_ip
    left join leaky on message.source_id = leaky.source_id
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then concat('outcome: ', outcome)
        when outcome = 'open' then 'what was read ends before the INVITE could be answered'
        when is_doubtful
            then format('no answer from {}, but the capture lost packets, or holds damaged messages of that host', dst_ip)
        when
            status = 'unknown'
            then format('no answer from {}, but nothing it sent was seen at all: the capture may show one direction', dst_ip)
        when early_dialogs > 0 then format('{} gave signs of progress and never a final answer', dst_ip)
        else format('{} never gave a final answer', dst_ip)
    end as reason,
    [{ 'message_id': invite_id, 'note': 'INVITE' }] as evidence
from judged
