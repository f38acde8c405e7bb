/* One row per codec that a peer ($wanted) named in its SDP, most often first. */
with

peer as (
    select peer_profile.*
    from peer_profile
    where lower(peer_profile.peer) = lower($wanted) or list_contains(peer_profile.peer_ips, $wanted)
),

named as (
    select distinct
        message.message_id,
        unnest(counted_sdp.codecs) as codec
    from peer
    inner join message on list_contains(peer.peer_ips, message.src_ip)
    inner join counted_sdp on message.message_id = counted_sdp.message_id
)

select
    codec,
    count(*) as bodies
from named
group by codec
order by bodies desc, codec asc
limit 12
