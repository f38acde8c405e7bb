/*
id = "CAP001"
title = "The capture itself is incomplete"
severity = "medium"
status = "stable"
subject = "source"
meaning = """
The capturing machine dropped packets, cut them short, or the file ends in the middle of a packet: what is missing in it proves nothing.
Judged are captures; one without any packet is undecided."""
impact = """
Loss, gaps and missing messages may be the capture's own. siplens marks loss and gaps from such captures unknown."""
causes = [
    "The capture buffer was too small for the traffic.",
    "A snap length that cuts SIP messages or RTP.",
    "The capture was copied while it was still being written.",
]
confirm = [
    "siplens sql \"select * from capture_health\".",
]
fix = [
    "Capture with a bigger buffer (dumpcap -B) and without snap length; filter by host, never by port alone.",
]
falsepositives = [
    "Packets cut that are of no interest.",
]
references = [
    "pcapng: interface statistics block, isb_ifdrop and isb_osdrop",
    "Wireshark: dumpcap, -B and -s",
]
[params]
checks = ["drops", "cut_packets", "truncated_file", "corrupt_record", "rows_bounded", "flows_bounded", "announcements_bounded"]
*/
with

found as (
    select
        source_id,
        sum(amount)::bigint as amount,
        string_agg(format('{}: {}', amount, detail), '; ' order by check_name) as words,
        min(frame) as frame
    from capture_health
    where list_contains($checks, check_name)
    group by source_id
)

select
    source.source_id as subject_id,
    case
        when found.source_id is not null then 'fail'
        when coalesce(source.packets, 0) = 0 then 'unknown'
        else 'pass'
    end as status,
    case
        when found.source_id is not null then found.words
        when coalesce(source.packets, 0) = 0 then 'the capture holds no packet'
        else format('{} packets, nothing missing that shows', source.packets)
    end as reason,
    [{ 'source_id': source.source_id, 'frame': coalesce(found.frame, 1), 'note': 'first place that shows it' }] as evidence
from source
left join found on source.source_id = found.source_id
where source.kind = 'capture'
