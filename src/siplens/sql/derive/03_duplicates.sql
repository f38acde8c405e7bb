/* Sets message.same_as, is_duplicate and is_retransmission. Marks of messages that have no copy any more are taken back. */
-- needs: message where coalesce(is_duplicate or is_retransmission, true) or exists (from message_copy)
with

-- As for clocks: captures before logs, what begins earlier before what begins later.
ranked_source as (
    select
        source_id,
        clock_offset_ms,
        row_number() over (order by coalesce(kind = 'log', false), first_ts, sha256, source_id) as rank
    from source
),

timed as (
    select
        message_copy.*,
        message_copy.ts + to_microseconds((1000 * coalesce(ranked_source.clock_offset_ms, 0))::bigint) as reference_ts,
        -- The observation that counts has addresses, if any has; else it is that of the source that goes before the others.
        if(message_copy.has_addresses, 0, 1::bigint << 32) + ranked_source.rank as rank
    from message_copy
    inner join ranked_source using (source_id)
),

-- 3 s: clocks drift, logs write late. A Call-ID used again days later is far outside.
same_message as (
    select
        other.message_id,
        arg_min(kept.message_id, kept.rank) as same_as
    from timed as kept
    inner join timed as other
        on kept.hop_key = other.hop_key and kept.occurrence = other.occurrence and kept.source_id <> other.source_id
    where
        kept.rank < other.rank
        -- Of two that differ in their bodies the one that holds less adds nothing.
        and (kept.exact_key = other.exact_key or kept.body_bytes >= other.body_bytes)
        and abs(epoch_ms(kept.reference_ts) - epoch_ms(other.reference_ts)) <= 3000
        and coalesce(kept.src_ip = other.src_ip, true) and coalesce(kept.dst_ip = other.dst_ip, true)
        and coalesce(kept.is_udp = other.is_udp, true)
    group by other.message_id
),

mark as (
    select
        message.message_id,
        same_message.same_as,
        same_message.same_as is not null as is_duplicate,
        coalesce(message_copy.occurrence > 1, false) as is_retransmission
    from message
    left join message_copy on message.message_id = message_copy.message_id
    left join same_message on message.message_id = same_message.message_id
)

update message
set same_as = mark.same_as, is_duplicate = mark.is_duplicate, is_retransmission = mark.is_retransmission
from mark
where
    message.message_id = mark.message_id
    and (
        message.same_as is distinct from mark.same_as
        or message.is_duplicate is distinct from mark.is_duplicate
        or message.is_retransmission is distinct from mark.is_retransmission
    );
