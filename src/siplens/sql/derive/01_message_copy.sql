/* One row per message of which more than one copy was seen on its hop: sent again, or seen by another source. */
-- needs: message_key
create or replace table message_copy as
with

seen_again as (
    select hop_key
    from message_key
    group by hop_key
    having count(*) > 1
),

copies as (
    select
        message_key.hop_key,
        message_key.message_id,
        message_key.source_id,
        message.ts,
        message.src_ip,
        message.dst_ip,
        message.transport = 'udp' as is_udp,
        message.src_ip is not null and message.dst_ip is not null as has_addresses,
        hash(message.src_ip, message.src_port, message.dst_ip, message.dst_port) as hop
    from message_key
    semi join seen_again on message_key.hop_key = seen_again.hop_key
    inner join message on message_key.message_id = message.message_id
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
    message_id,
    source_id,
    ts,
    src_ip,
    dst_ip,
    is_udp,
    has_addresses,
    row_number() over (partition by hop_key, source_id, hop, use_no order by ts, message_id) as occurrence
from grouped;

comment on table message_copy is 'One row per message of which more than one copy was seen on its hop.';
comment on column message_copy.hop_key is 'message_key.hop_key.';
comment on column message_copy.message_id is 'message.message_id.';
comment on column message_copy.source_id is 'source.source_id.';
comment on column message_copy.ts is 'Time by the source''s own clock (UTC).';
comment on column message_copy.src_ip is 'Sender''s address, or NULL.';
comment on column message_copy.dst_ip is 'Receiver''s address, or NULL.';
comment on column message_copy.is_udp is 'True over UDP; NULL where a log does not say.';
comment on column message_copy.has_addresses is 'True where both addresses are known.';
comment on column message_copy.occurrence is '1 for the first sending that this source saw, 2 and more for retransmissions.';
