/*
One row per address that the changed configuration calls a Mediation Server or a gateway and that was taken for something else when
the calls were put together, or that it no longer names and that nothing but the stored configuration showed: calls is how many of
them have it as Mediation Server, peer or client.
*/
with

in_force as (
    select distinct snapshot_id
    from main.config_in_force
),

told as (
    select
        address as ip,
        'mediation' as role
    from main.mediation_server
    where snapshot_id in (select in_force.snapshot_id from in_force)
    union
    select
        unnest(list_concat(addresses, media_addresses)) as ip,
        'peer' as role
    from main.gateway
    where snapshot_id in (select in_force.snapshot_id from in_force)
    union
    select
        representativemediaip as ip,
        'peer' as role
    from main.gateway
    where snapshot_id in (select in_force.snapshot_id from in_force)
    union
    select
        mediationserver as ip,
        'mediation' as role
    from main.gateway
    where snapshot_id in (select in_force.snapshot_id from in_force)
),

otherwise as (
    select
        host.ip,
        host.role as was,
        string_agg(distinct told.role, ' or ' order by told.role) as becomes
    from told inner join host on told.ip = host.ip
    group by host.ip, host.role
    having not bool_or(told.role = host.role)
    union all
    select
        host.ip,
        host.role as was,
        'nothing that it names' as becomes
    from host
    anti join told on host.ip = told.ip
    where host.role_source = 'configuration' and host.role in ('mediation', 'peer')
),

concerned as (
    select
        otherwise.ip,
        otherwise.was,
        otherwise.becomes,
        count(*) as calls
    from otherwise
    inner join call on otherwise.ip in (call.mediation_ip, call.peer_ip, call.client_ip)
    group by otherwise.ip, otherwise.was, otherwise.becomes
)

select
    ip,
    was,
    becomes,
    calls
from concerned
order by calls desc, ip asc
