/*
id = "MED001"
title = "Media lost packets"
severity = "medium"
status = "stable"
subject = "call"
meaning = """
A media stream of this call lacks max_loss_pct percent of its packets or more, by sequence numbers at the capture point. Judged are calls
with a stream of min_packets or more. Where the capture itself dropped or cut packets, the loss may be its own: unknown."""
impact = """
Speech is chopped; from a few percent on, words are lost."""
causes = [
    "A congested or faulty link before the capture point.",
    "Wireless networks, duplex mismatch, policing of priority traffic.",
]
confirm = [
    "siplens call CALL: which stream, from whom to whom?",
    "Compare with the receiver's RTCP reports: loss behind the capture point shows only there.",
]
fix = [
    "Look at queues and errors of the link; mark and honour DSCP 46 for voice.",
]
falsepositives = [
    "A capture that began or ended within the stream loses nothing; one whose buffer overflowed without telling does.",
]
references = [
    "RFC 3550 appendix A.3: packets lost",
    "ITU-T G.113: impairment by packet loss",
]
[params]
max_loss_pct = 3.0
min_packets = 100
*/
with

worst as (
    select *
    from call_stream
    where packets >= $min_packets
    qualify row_number() over (partition by call_no order by lost_pct desc, flow_id asc) = 1
)

select
    worst.call_no as subject_id,
    worst.call_no,
    call.peer_ip as peer,
    case
        when worst.lost_pct < $max_loss_pct or worst.lost_pct is null then 'pass'
        when worst.is_leaky then 'unknown'
        else 'fail'
    end as status,
    concat(
        format('{:.1f} % of {} packets lost from {} to {}', coalesce(worst.lost_pct, 0), worst.expected, worst.src_ip, worst.dst_ip),
        if(worst.is_leaky and worst.lost_pct >= $max_loss_pct, ', but the capture dropped packets itself', '')
    ) as reason,
    [{ 'source_id': worst.source_id, 'frame': worst.frame, 'note': format('RTP from {} to {}', worst.src_ip, worst.dst_ip) }] as evidence
from worst
inner join call using (call_no)
