/*
id = "SIG001"
title = "Messages of a call were sent again and again"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
Messages of this session came again on the same hop, at least max_copies times in all: the other side did not answer, or its answers were
lost. Copies that follow within apart_ms are the capture's (a mirror port that shows each packet twice), not the sender's, and make the
verdict unknown. Judged is every session."""
impact = """
Call set-up is slow, calls fail after 32 seconds, and retransmissions load a server that is in trouble already."""
causes = [
    "The receiver is down or overloaded.",
    "Packets are lost, or too large and cut into fragments that a firewall drops.",
    "The answers go to an address that nobody listens at.",
]
confirm = [
    "siplens call CALL: which message comes again, at 0.5, 1.5, 3.5 seconds?",
    "Is its size near the network's limit, about 1,300 bytes?",
]
fix = [
    "Use TCP or TLS for large messages.",
    "Look at the load of the receiver, and at loss on the way.",
]
falsepositives = [
    "A mirror port that shows each packet twice, with more than apart_ms between.",
]
references = [
    "RFC 3261 section 17.1.1.2: timers A and B; section 18.1.1: size",
    "RFC 3261 table 4: timers",
]
[params]
max_copies = 5
apart_ms = 50
*/
with

copied as (
    select
        hop_key,
        source_id,
        count(*) - 1 as copies,
        min(message_id) as first_id,
        max(message_id) as last_id,
        date_diff('millisecond', min(ts), max(ts)) as span_ms
    from message_copy
    group by hop_key, source_id
    having count(*) > 1
),

-- Two sources that saw the same copies count them once each: the fuller one tells.
counted as (
    select
        leg_message.leg_id,
        copied.source_id,
        sum(copied.copies)::bigint as copies,
        arg_max(copied.first_id, copied.copies) as first_id,
        arg_max(copied.last_id, copied.copies) as last_id,
        max(copied.copies) as most,
        max(copied.span_ms / copied.copies) as longest_ms
    from copied
    inner join leg_message on copied.first_id = leg_message.message_id
    group by leg_message.leg_id, copied.source_id
),

fullest as (
    select *
    from counted
    qualify row_number() over (partition by leg_id order by copies desc, source_id asc) = 1
),

judged as (
    select
        leg.leg_id,
        leg.peer_ip,
        fullest.first_id,
        fullest.last_id,
        fullest.most,
        coalesce(fullest.copies, 0) as copies,
        case
            when fullest.copies is null or fullest.copies < $max_copies then 'pass'
            when fullest.longest_ms < $apart_ms then 'unknown'
            else 'fail'
        end as status
    from leg
    left join fullest on leg.leg_id = fullest.leg_id
)

select
    judged.leg_id as subject_id,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('{} copies', judged.copies)
        when judged.status = 'unknown'
            then format('{} copies, but they follow within milliseconds: the capture seems to show packets twice', judged.copies)
        else format(
            '{} messages were sent again; most often, {} times, {}', judged.copies, judged.most,
            coalesce(message.method || ' ' || message.status, message.method, 'one that cannot be read')
        )
    end as reason,
    [
        { 'message_id': judged.first_id, 'note': 'sent first' },
        { 'message_id': judged.last_id, 'note': 'sent again for the last time' }
    ] as evidence
from judged
left join message on judged.first_id = message.message_id and judged.status = 'fail'
