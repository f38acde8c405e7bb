/*
id = "MED002"
title = "Media arrived with high jitter"
severity = "low"
status = "stable"
subject = "call"
meaning = """
The mean interarrival jitter of a media stream of this call is max_mean_jitter_ms or more, at the capture point. Judged are calls with a
stream of min_packets or more. A stream whose clock rate is not known is undecided."""
impact = """
Receivers must buffer more, which adds delay, or they drop packets that come too late."""
causes = [
    "Congested or wireless links without priority for voice.",
    "A sender that packs or paces badly: software endpoints on a busy machine.",
]
confirm = [
    "siplens call CALL: is the jitter there near the sender as well?",
    "Compare with RTCP of the receiver.",
]
fix = [
    "Honour DSCP 46 on the path.",
    "Look at the sender's machine.",
]
falsepositives = [
    "Video and silence suppression: frames and pauses look like jitter.",
]
references = [
    "RFC 3550 section 6.4.1 and appendix A.8: interarrival jitter",
    "ITU-T G.114: delay",
]
[params]
max_mean_jitter_ms = 30.0
min_packets = 100
*/
with

worst as (
    select *
    from call_stream
    where packets >= $min_packets
    qualify row_number() over (partition by call_no order by jitter_mean_ms desc nulls last, flow_id asc) = 1
)

select
    worst.call_no as subject_id,
    worst.call_no,
    call.peer_ip as peer,
    case
        when worst.jitter_mean_ms is null then 'unknown'
        when worst.jitter_mean_ms >= $max_mean_jitter_ms then 'fail'
        else 'pass'
    end as status,
    case
        when worst.jitter_mean_ms is null then 'the clock rate of the stream is not known'
        else format(
            'jitter {:.1f} ms on average, {:.1f} at most, from {} to {}',
            worst.jitter_mean_ms, worst.jitter_max_ms, worst.src_ip, worst.dst_ip
        )
    end as reason,
    [{ 'source_id': worst.source_id, 'frame': worst.frame, 'note': format('RTP from {} to {}', worst.src_ip, worst.dst_ip) }] as evidence
from worst
inner join call using (call_no)
