/* Sets source.clock_offset_ms: the median time difference of the messages that a source shares with one that goes before it; where a log
and a capture share none, the whole quarter hours by which the media that the log announces begin too late or too early. */
-- needs: source where clock_offset_ms is not null or source_id > (select min(source_id) from source)
with recursive

-- The clocks of captures go before those of logs, what begins earlier before what begins later: the order of ingest means nothing.
ranked_source as (
    select
        source_id,
        row_number() over (order by coalesce(kind = 'log', false), first_ts, sha256, source_id) as rank
    from source
),

ranked_copy as (
    select
        message_copy.*,
        ranked_source.rank
    from message_copy
    inner join ranked_source using (source_id)
),

-- A clock may be a time zone off, not a day.
shared_message as (
    select
        earlier.rank as reference_rank,
        later.rank,
        epoch_us(earlier.ts) / 1000.0 - epoch_us(later.ts) / 1000.0 as difference_ms
    from ranked_copy as earlier
    inner join ranked_copy as later
        on earlier.hop_key = later.hop_key and earlier.occurrence = later.occurrence and earlier.rank < later.rank
    where
        abs(difference_ms) <= 15 * 3600 * 1000
        and coalesce(earlier.src_ip = later.src_ip, true) and coalesce(earlier.dst_ip = later.dst_ip, true)
        and coalesce(earlier.is_udp = later.is_udp, true)
),

message_pair as (
    select
        reference_rank,
        rank,
        median(difference_ms) as offset_ms
    from shared_message
    group by reference_rank, rank
),

-- A log in local time, without messages that the capture has: its SDP tells where media must arrive, and the capture has them arrive a
-- whole number of quarter hours away. Zones differ by such numbers (ISO 8601), clocks that merely drift do not.
announced as (
    select
        message.source_id as log_id,
        message.ts,
        sdp_media.address,
        sdp_media.port
    from sdp_media
    inner join message on sdp_media.message_id = message.message_id
    inner join source on message.source_id = source.source_id
    where source.kind = 'log' and sdp_media.port > 0 and message.ts is not null
),

arrival as (
    select
        announced.log_id,
        media_flow.source_id as capture_id,
        media_flow.flow_id,
        epoch_ms(media_flow.first_ts) - epoch_ms(announced.ts) as later_ms,
        round(later_ms / 900000.0) as quarters,
        later_ms - 900000 * quarters as rest_ms
    from announced
    inner join media_flow on announced.address = media_flow.dst_ip and announced.port = media_flow.dst_port
    where media_flow.source_id <> announced.log_id and abs(later_ms) <= 15 * 3600 * 1000 and rest_ms between -1000 and 120000
),

vote as (
    select
        log_id,
        capture_id,
        quarters,
        count(distinct flow_id) as flows
    from arrival
    group by log_id, capture_id, quarters
),

-- One flow may be chance, and so may be a draw. Zero quarters say nothing of the seconds: that offset stays unknown.
chosen_vote as (
    select
        log_id,
        capture_id,
        quarters,
        flows,
        lead(flows, 1, 0) over (partition by log_id, capture_id order by flows desc) as rival_flows
    from vote
    qualify row_number() over (partition by log_id, capture_id order by flows desc) = 1
),

media_pair as (
    select
        capture.rank as reference_rank,
        log.rank,
        900000.0 * chosen_vote.quarters as offset_ms
    from chosen_vote
    inner join ranked_source as log on chosen_vote.log_id = log.source_id
    inner join ranked_source as capture on chosen_vote.capture_id = capture.source_id
    where chosen_vote.flows >= 2 and chosen_vote.flows > 2 * chosen_vote.rival_flows and chosen_vote.quarters <> 0
),

pair as (
    select * from message_pair
    union all
    select media_pair.*
    from media_pair
    anti join message_pair on media_pair.reference_rank = message_pair.reference_rank and media_pair.rank = message_pair.rank
),

nearest_pair as (
    select
        rank,
        min(reference_rank) as reference_rank,
        arg_min(offset_ms, reference_rank) as offset_ms
    from pair
    group by rank
),

clock as (
    select
        rank,
        cast(0 as double) as offset_ms
    from ranked_source
    anti join nearest_pair using (rank)
    union all
    select
        nearest_pair.rank,
        clock.offset_ms + nearest_pair.offset_ms as offset_ms
    from clock
    inner join nearest_pair on clock.rank = nearest_pair.reference_rank
),

-- A source that shares no message with one before it has no known offset, whether it is a reference or stands alone.
estimate as (
    select
        ranked_source.source_id,
        clock.offset_ms
    from ranked_source
    left join nearest_pair using (rank)
    left join clock on nearest_pair.rank = clock.rank
)

update source
set clock_offset_ms = estimate.offset_ms
from estimate
where source.source_id = estimate.source_id and source.clock_offset_ms is distinct from estimate.offset_ms;
