/* One row per address text in the raw tables that table address does not have yet. */
with

seen as (
    select src_ip as ip from message
    union
    select dst_ip as ip from message
    union
    select address as ip from sdp_media
    union
    select address as ip from ice_candidate
    union
    select src_ip as ip from media_flow
    union
    select dst_ip as ip from media_flow
    union
    select address as ip from mediation_server
    union
    select unnest(addresses) as ip from gateway
    union
    select unnest(media_addresses) as ip from gateway
    union
    select representativemediaip as ip from gateway
    union
    select unnest(addresses) as ip from teams_gateway
    union
    select ms_subnet as ip from message
)

select seen.ip
from seen
anti join address using (ip)
where seen.ip is not null
