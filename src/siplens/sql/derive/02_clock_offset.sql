/* Sets source.clock_offset_ms: the median time difference of the messages that a source shares with one ingested before it. */
with recursive

-- A clock may be a time zone off, not a day.
shared_message as (
    select
        earlier.source_id as reference_id,
        later.source_id,
        epoch_us(earlier.ts) / 1000.0 - epoch_us(later.ts) / 1000.0 as difference_ms
    from message_copy as earlier
    inner join message_copy as later
        on earlier.hop_key = later.hop_key and earlier.occurrence = later.occurrence and earlier.source_id < later.source_id
    where
        abs(difference_ms) <= 15 * 3600 * 1000
        and coalesce(earlier.src_ip = later.src_ip, true) and coalesce(earlier.dst_ip = later.dst_ip, true)
        and coalesce(earlier.is_udp = later.is_udp, true)
),

pair as (
    select
        reference_id,
        source_id,
        median(difference_ms) as offset_ms
    from shared_message
    group by reference_id, source_id
),

nearest_pair as (
    select
        source_id,
        min(reference_id) as reference_id,
        arg_min(offset_ms, reference_id) as offset_ms
    from pair
    group by source_id
),

clock as (
    select
        source_id,
        cast(0 as double) as offset_ms
    from source
    anti join nearest_pair using (source_id)
    union all
    select
        nearest_pair.source_id,
        clock.offset_ms + nearest_pair.offset_ms as offset_ms
    from clock
    inner join nearest_pair on clock.source_id = nearest_pair.reference_id
),

-- A source that shares no message with an earlier one has no known offset, whether it is a reference or stands alone.
estimate as (
    select
        source.source_id,
        clock.offset_ms
    from source
    left join nearest_pair using (source_id)
    left join clock on nearest_pair.source_id = clock.source_id
)

update source
set clock_offset_ms = estimate.offset_ms
from estimate
where source.source_id = estimate.source_id and source.clock_offset_ms is distinct from estimate.offset_ms;
