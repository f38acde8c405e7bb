/*
id = "MED007"
title = "Media stopped in the middle of a stream"
severity = "low"
status = "stable"
subject = "call"
meaning = """
Within one media stream, no packet came for max_gap_ms or more, and then it went on. Judged are calls with a stream of min_packets or
more. Streams with comfort noise pause by design, calls with a hold do too, and a capture that dropped packets may have made the gap
itself: unknown."""
impact = """
Silence for a second or more in the middle of a sentence."""
causes = [
    "A link or route that failed and came back.",
    "An endpoint that roamed between access points or went to sleep.",
    "Silence suppression without comfort noise.",
]
confirm = [
    "siplens call CALL: longest gap of each stream; did others stop at the same time?",
]
fix = [
    "Look at the network at that minute; turn silence suppression off.",
]
falsepositives = [
    "Silence suppression without comfort noise packets.",
]
references = [
    "RFC 3550 section 6.4.1; RFC 3389: comfort noise",
    "RFC 3264 section 8.4: hold",
]
[params]
max_gap_ms = 1000.0
min_packets = 100
*/
with

worst as (
    select *
    from call_stream
    where packets >= $min_packets
    qualify row_number() over (partition by call_no order by max_delta_ms desc nulls last, flow_id asc) = 1
),

held as (
    select distinct call_leg.call_no
    from offer_answer
    inner join call_leg using (leg_id)
    where
        offer_answer.offer_direction in ('sendonly', 'inactive')
        or offer_answer.answer_direction in ('sendonly', 'inactive')
        or offer_answer.offer_ip in ('0.0.0.0', '::')
)

select
    worst.call_no as subject_id,
    worst.call_no,
    call.peer_ip as peer,
    case
        when worst.max_delta_ms is null or worst.max_delta_ms < $max_gap_ms then 'pass'
        when worst.has_comfort_noise or worst.is_leaky or held.call_no is not null then 'unknown'
        else 'fail'
    end as status,
    concat(
        format('longest gap {:.0f} ms from {} to {}', coalesce(worst.max_delta_ms, 0), worst.src_ip, worst.dst_ip),
        case
            when coalesce(worst.max_delta_ms, 0) < $max_gap_ms then ''
            when worst.has_comfort_noise then ', but the sender uses comfort noise'
            when worst.is_leaky then ', but the capture dropped packets itself'
            when held.call_no is not null then ', but the call was on hold at some time'
        end
    ) as reason,
    [{ 'source_id': worst.source_id, 'frame': worst.frame, 'note': format('RTP from {} to {}', worst.src_ip, worst.dst_ip) }] as evidence
from worst
inner join call using (call_no)
left join held on worst.call_no = held.call_no
