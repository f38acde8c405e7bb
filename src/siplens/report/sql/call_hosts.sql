/* One row per address that the call $call_no touches: which lifeline it belongs to, with role and name.
   Addresses of one gateway, or signalling and media address of the call's client or peer, share a lifeline. */
with

seen as (
    select
        coalesce(message.src_ip, message.src_name, '?') as place,
        coalesce(message.dst_ip, message.dst_name, '?') as other,
        message.ts
    from message
    inner join leg using (call_id)
    inner join call_leg using (leg_id)
    where call_leg.call_no = $call_no
),

flows as (
    select media_flow.*
    from call_flow
    inner join media_flow using (flow_id)
    where call_flow.call_no = $call_no
),

places as (
    select
        place,
        ts
    from seen
    union all
    select
        other as place,
        ts
    from seen
    union all
    select
        src_ip as place,
        first_ts as ts
    from flows
    union all
    select
        dst_ip as place,
        first_ts as ts
    from flows
),

first_seen as (
    select
        place,
        min(ts) as ts
    from places
    group by place
),

in_force as (
    select snapshot_id
    from config_in_force
    where call_no = $call_no
),

gateways as (
    select
        identity as name,
        unnest(coalesce(addresses, []) || coalesce(media_addresses, []) || [representativemediaip]) as ip
    from gateway
    where snapshot_id in (from in_force)
),

named as (
    select
        ip,
        min(name) as name
    from gateways
    group by ip
),

pools as (
    select
        address as ip,
        min(pool) as name
    from mediation_server
    where snapshot_id in (from in_force)
    group by address
),

judged as (
    select
        first_seen.place,
        first_seen.ts,
        case
            when named.name is not null or first_seen.place in (call.peer_ip, call.peer_media_ip) then 'peer'
            when host.role is not null and host.role <> 'unknown' then host.role
            when first_seen.place = call.mediation_ip then 'mediation'
            when first_seen.place in (call.client_ip, call.client_media_ip) then 'client'
            else 'unknown'
        end as role,
        coalesce(named.name, pools.name) as name,
        first_seen.place in (call.client_ip, call.client_media_ip) as is_client,
        first_seen.place in (call.peer_ip, call.peer_media_ip) as is_peer
    from first_seen
    cross join call
    left join host on first_seen.place = host.ip
    left join named on first_seen.place = named.ip
    left join pools on first_seen.place = pools.ip
    where call.call_no = $call_no
)

select
    place as address,
    role,
    name,
    case
        when role = 'peer' and name is not null then 'peer ' || name
        when role = 'peer' and is_peer then 'peer'
        when role = 'client' and is_client then 'client'
        when role = 'mediation' and name is not null then 'mediation ' || name
        else role || ' ' || place
    end as lifeline
from judged
order by ts, place
