/*
id = "CAP005"
title = "Clocks of two sources differ"
severity = "low"
status = "stable"
subject = "source"
meaning = """
Messages that two sources both saw bear times that differ by max_offset_ms or more. siplens puts them on one clock and says so in
source.clock_offset_ms. Judged are sources that share messages with an earlier one; one that saw a host at the same time as another
source, and shares no message with it, is undecided."""
impact = """
Times from that source do not agree with other logs and with the people who report a call; legs may not be joined."""
causes = [
    "No time synchronisation on the capturing machine.",
    "A log in local time: see --log-tz.",
]
confirm = [
    "siplens sql \"select path, clock_offset_ms from source\".",
]
fix = [
    "Synchronise clocks by NTP; give --log-tz for logs in local time.",
]
falsepositives = [
    "Logs that are written late: the difference is small and varies.",
]
references = [
    "RFC 5905: NTP",
    "siplens schema source: clock_offset_ms",
]
[params]
max_offset_ms = 1000.0
*/
with

dated as (
    select *
    from source
    where kind in ('capture', 'log')
),

-- Sources that saw the same host at the same time should share messages. The one that others are compared with has no offset itself.
heard as (
    select
        source_id,
        src_ip,
        min(ts) as first_ts,
        max(ts) as last_ts
    from message
    where src_ip is not null
    group by source_id, src_ip
),

met as (
    select distinct heard.source_id
    from heard
    inner join heard as other_heard
        on
            heard.src_ip = other_heard.src_ip and heard.source_id <> other_heard.source_id
            and heard.last_ts >= other_heard.first_ts and heard.first_ts <= other_heard.last_ts
    inner join source as other_source on other_heard.source_id = other_source.source_id and other_source.clock_offset_ms is null
)

select
    dated.source_id as subject_id,
    case
        when abs(dated.clock_offset_ms) >= $max_offset_ms then 'fail'
        when dated.clock_offset_ms is null then 'unknown'
        else 'pass'
    end as status,
    case
        when
            dated.clock_offset_ms is null
            then 'saw a host at the same time as another source, and shares no message with it: the clocks cannot be compared'
        else format('{:.0f} ms were added to its times', dated.clock_offset_ms)
    end as reason,
    [{
        'source_id': dated.source_id,
        'frame': if(dated.kind = 'capture', 1, null),
        'line': if(dated.kind = 'log', 1, null),
        'note': 'this source'
    }] as evidence
from dated
left join met on dated.source_id = met.source_id
where dated.clock_offset_ms is not null or met.source_id is not null
