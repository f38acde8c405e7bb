/* One row per message of which more than one copy was seen on its hop: sent again, or seen by another source. */
-- needs: message_key
create or replace table message_copy as
with

-- A log may hold a part of a body, or none. What its sources say of a message is put together without the body where none of them saw two
-- bodies under one head: two 183s without RSeq, say, differ in their bodies alone.
head_in_source as (
    select
        head_key,
        source_id,
        min(hop_key) as least_key,
        max(hop_key) as greatest_key
    from message_key
    where (select count(*) from source) > 1
    group by head_key, source_id
),

told_by_head as (
    select head_key
    from head_in_source
    group by head_key
    having count(*) > 1 and bool_and(least_key = greatest_key) and min(least_key) <> max(least_key)
),

keyed as (
    select
        message_key.message_id,
        message_key.source_id,
        message_key.hop_key as exact_key,
        coalesce(told_by_head.head_key, message_key.hop_key) as hop_key
    from message_key
    left join told_by_head on message_key.head_key = told_by_head.head_key
),

seen_again as (
    select hop_key
    from keyed
    group by hop_key
    having count(*) > 1
),

copies as (
    select
        keyed.hop_key,
        keyed.exact_key,
        keyed.message_id,
        keyed.source_id,
        coalesce(message.body_bytes, 0) as body_bytes,
        message.ts,
        message.src_ip,
        message.dst_ip,
        message.transport = 'udp' as is_udp,
        message.src_ip is not null and message.dst_ip is not null as has_addresses,
        hash(message.src_ip, message.src_port, message.dst_ip, message.dst_port) as hop
    from keyed
    semi join seen_again on keyed.hop_key = seen_again.hop_key
    inner join message on keyed.message_id = message.message_id
),

-- 32 s is 64*T1: nobody sends a message again after that (RFC 3261 17.1.1.2, 13.3.1.4). Later it is a new use of the Call-ID.
timed as (
    select
        *,
        coalesce(ts > lag(ts) over in_order + interval 32 seconds, true) as is_new
    from copies
    window in_order as (partition by hop_key, source_id, hop order by ts, message_id)
),

grouped as (
    select
        * exclude (is_new),
        count(*) filter (where is_new) over (partition by hop_key, source_id, hop order by ts, message_id) as use_no
    from timed
)

select
    hop_key,
    exact_key,
    message_id,
    source_id,
    body_bytes,
    ts,
    src_ip,
    dst_ip,
    is_udp,
    has_addresses,
    row_number() over (partition by hop_key, source_id, hop, use_no order by ts, message_id) as occurrence
from grouped;

comment on table message_copy is 'One row per message of which more than one copy was seen on its hop.';
comment on column message_copy.hop_key is
'message_key.hop_key; head_key where sources hold bodies that differ, and each of them one body under this head.';
comment on column message_copy.exact_key is 'message_key.hop_key.';
comment on column message_copy.message_id is 'message.message_id.';
comment on column message_copy.source_id is 'source.source_id.';
comment on column message_copy.body_bytes is 'message.body_bytes, 0 without a body.';
comment on column message_copy.ts is 'Time by the source''s own clock (UTC).';
comment on column message_copy.src_ip is 'Sender''s address, or NULL.';
comment on column message_copy.dst_ip is 'Receiver''s address, or NULL.';
comment on column message_copy.is_udp is 'True over UDP; NULL where a log does not say.';
comment on column message_copy.has_addresses is 'True where both addresses are known.';
comment on column message_copy.occurrence is '1 for the first sending that this source saw, 2 and more for retransmissions.';
