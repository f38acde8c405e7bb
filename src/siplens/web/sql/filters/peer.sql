/* Calls over the peer $peer: its name in the configuration, or its address. */
with

addresses as (
    select
        peer_profile.peer as name,
        unnest(peer_profile.peer_ips) as peer_ip
    from peer_profile
),

named as (
    select addresses.peer_ip
    from addresses
    where addresses.name = $peer
)

select call.call_no
from call
where call.peer_ip = $peer or call.peer_ip in (select named.peer_ip from named)
