/* One row per address that a call of $call_nos touches: which lifeline it belongs to, with role and name.
   Addresses of one gateway, or signalling and media address of the call's client or peer, share a lifeline. */
with

seen as (
    select
        call_leg.call_no,
        coalesce(message.src_ip, message.src_name, '?') as place,
        coalesce(message.dst_ip, message.dst_name, '?') as other,
        message.ts
    from call_leg
    inner join leg_message using (leg_id)
    inner join message using (message_id)
    where list_contains($call_nos, call_leg.call_no)
),

flows as (
    select
        call_flow.call_no,
        media_flow.*
    from call_flow
    inner join media_flow using (flow_id)
    where list_contains($call_nos, call_flow.call_no)
),

places as (
    select
        call_no,
        place,
        ts
    from seen
    union all
    select
        call_no,
        other as place,
        ts
    from seen
    union all
    select
        call_no,
        src_ip as place,
        first_ts as ts
    from flows
    union all
    select
        call_no,
        dst_ip as place,
        first_ts as ts
    from flows
),

first_seen as (
    select
        call_no,
        place,
        min(ts) as ts
    from places
    group by call_no, place
),

in_force as (
    select
        call_no,
        snapshot_id
    from config_in_force
    where list_contains($call_nos, call_no)
),

gateways as (
    select
        snapshot_id,
        identity as name,
        unnest(coalesce(addresses, []) || coalesce(media_addresses, []) || [representativemediaip]) as ip
    from gateway
    where snapshot_id in (select in_force.snapshot_id from in_force)
),

named as (
    select
        in_force.call_no,
        gateways.ip,
        min(gateways.name) as name
    from in_force
    inner join gateways using (snapshot_id)
    group by in_force.call_no, gateways.ip
),

pools as (
    select
        in_force.call_no,
        mediation_server.address as ip,
        min(mediation_server.pool) as name
    from in_force
    inner join mediation_server using (snapshot_id)
    group by in_force.call_no, mediation_server.address
),

judged as (
    select
        first_seen.call_no,
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
    inner join call on first_seen.call_no = call.call_no
    left join host on first_seen.place = host.ip
    left join named on first_seen.call_no = named.call_no and first_seen.place = named.ip
    left join pools on first_seen.call_no = pools.call_no and first_seen.place = pools.ip
)

select
    call_no,
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
order by call_no, ts, place
