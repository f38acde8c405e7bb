/* One row per capture that goes on from the capture $source_id, of those of its series that were read before it. */
with

this_file as (
    select
        file_end.*,
        source.path,
        source.first_ts
    from file_end
    inner join source on file_end.source_id = source.source_id
    where file_end.source_id = $source_id  -- noqa: RF02
),

other as (
    select
        source.source_id,
        source.path,
        source.first_ts,
        epoch_ns(source.first_ts) as first_ns
    from source
    inner join file_end on source.source_id = file_end.source_id
    inner join this_file on file_end.series = this_file.series
    where source.path <> this_file.path and source.first_ts > this_file.first_ts
),

-- A file goes on from the one that ended last before it.
joined as (
    select
        other.source_id,
        other.path,
        arg_max(file_end.source_id, (file_end.last_ns, source.first_ts)) as before_id
    from other
    inner join this_file on other.first_ns between this_file.last_ns - $overlap_ns and this_file.last_ns + $pause_ns  -- noqa: RF02
    inner join file_end on this_file.series = file_end.series
    inner join source on file_end.source_id = source.source_id
    where
        file_end.last_ns between other.first_ns - $pause_ns and other.first_ns + $overlap_ns  -- noqa: RF02
        and source.first_ts < other.first_ts and source.path <> other.path
    group by other.source_id, other.path
)

select
    source_id,
    path
from joined
where before_id = $source_id
order by source_id
