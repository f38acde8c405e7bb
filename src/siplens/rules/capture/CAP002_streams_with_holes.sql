/*
id = "CAP002"
title = "TCP streams or IP fragments have holes"
severity = "low"
status = "stable"
subject = "source"
meaning = """
Signalling over TCP was seen with segments missing, one direction only, or in IP fragments whose other parts are not there: messages in
them could not be read. Judged are captures; one without any packet is undecided."""
impact = """
Messages are missing, and calls look unanswered that were not."""
causes = [
    "A capture filter by port: later fragments have no ports.",
    "A mirror port that shows one direction, or drops under load.",
]
confirm = [
    "siplens sql \"select * from capture_health\": first frame and amount.",
]
fix = [
    "Filter by host, or add 'or (ip[6:2] & 0x1fff != 0)' for fragments.",
    "Mirror both directions.",
]
falsepositives = [
    "A connection that began before the capture.",
]
references = [
    "RFC 791: fragments; RFC 9293: TCP",
    "RFC 3261 section 18.3: framing over streams",
]
[params]
checks = ["tcp_gaps", "tcp_one_sided", "fragments_incomplete", "streams_bounded"]
*/
with

found as (
    select
        source_id,
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
        else 'no holes in streams or fragments'
    end as reason,
    [{ 'source_id': source.source_id, 'frame': coalesce(found.frame, 1), 'note': 'first place that shows it' }] as evidence
from source
left join found on source.source_id = found.source_id
where source.kind = 'capture'
