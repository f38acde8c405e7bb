/* One row per series of those in $series: the end of the capture in it that ended last, with its state, if that is still kept. */
select
    file_end.series,
    max(file_end.last_ns) as last_ns,
    arg_max(epoch_ns(source.first_ts), file_end.last_ns) as first_ns,
    arg_max(source.path, file_end.last_ns) as path,
    arg_max(file_end.state, file_end.last_ns) as state
from file_end
inner join source on file_end.source_id = source.source_id
where list_contains($series, file_end.series) and file_end.state is not null  -- noqa: RF02
group by file_end.series
