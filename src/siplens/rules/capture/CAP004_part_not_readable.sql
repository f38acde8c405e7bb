/*
id = "CAP004"
title = "Part of a file could not be read"
severity = "low"
status = "stable"
subject = "source"
meaning = """
A capture holds frames of a link type that siplens cannot open, or a log holds records that do not have the shape of its format. Judged are
captures and logs; a log in a format that is not confirmed is undecided, for what was understood may be incomplete."""
impact = """
Messages and calls may be missing."""
causes = [
    "A capture from an unusual interface: ERF, USB, wireless with radio headers.",
    "A log that was edited, rolled or cut, or another version of the format.",
]
confirm = [
    "siplens sql \"select * from log_reject\": the lines, and what was expected there.",
    "siplens sql \"select * from capture_health where check_name = 'link_type_unknown'\".",
]
fix = [
    "Where tshark is installed, ingest with --engine wireshark.",
    "Send such lines to the makers of siplens: a format may have more shapes than are known.",
]
falsepositives = [
    "Lines of other programs mixed into a log.",
]
references = [
    "tcpdump.org: link-layer header types",
    "siplens doctor: formats and how well each is known",
]
*/
with

unopened as (
    select
        source_id,
        sum(amount)::bigint as amount,
        min(frame) as frame
    from capture_health
    where check_name = 'link_type_unknown'
    group by source_id
),

rejected as (
    select
        source_id,
        count(*) as amount,
        min(line) as line
    from log_reject
    group by source_id
)

select
    source.source_id as subject_id,
    case
        when unopened.source_id is not null or rejected.source_id is not null then 'fail'
        when source.format_status = 'unconfirmed' then 'unknown'
        else 'pass'
    end as status,
    case
        when unopened.source_id is not null then format('{} frames of a link type that cannot be opened', unopened.amount)
        when rejected.source_id is not null then format('{} log records that could not be read', rejected.amount)
        when source.format_status = 'unconfirmed' then format('the shape of {} is not confirmed', source.format)
        else 'all of it could be read'
    end as reason,
    [{
        'source_id': source.source_id,
        'frame': if(source.kind = 'capture', coalesce(unopened.frame, 1), null),
        'line': if(source.kind = 'log', coalesce(rejected.line, 1), null),
        'note': 'first such place'
    }] as evidence
from source
left join unopened on source.source_id = unopened.source_id
left join rejected on source.source_id = rejected.source_id
where source.kind in ('capture', 'log')
