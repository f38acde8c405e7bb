/* At most one row: the capture of the series $series that one goes on from which begins at $first_ns, in ns since 1970. */
select
    file_end.source_id,
    file_end.messages,
    file_end.unfinished,
    file_end.health,
    file_end.state,
    source.path
from file_end
inner join source on file_end.source_id = source.source_id
where
    file_end.series = $series  -- noqa: RF02
    and file_end.last_ns between $first_ns - $pause_ns and $first_ns + $overlap_ns  -- noqa: RF02
    and source.first_ts < make_timestamp_ns($first_ns)  -- noqa: RF02
    and source.path <> $path  -- noqa: RF02
order by file_end.last_ns desc, source.first_ts desc
limit 1
