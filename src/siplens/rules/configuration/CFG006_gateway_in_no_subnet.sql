/*
id = "CFG006"
title = "A gateway's media address lies in no configured subnet"
severity = "high"
status = "stable"
subject = "gateway"
meaning = """
The address that bypass counts for a gateway (RepresentativeMediaIP, else its signalling address) lies in none of the configured
subnets. Judged are the gateways of the newest configuration, where bypass goes by site and region; one that is named only is undecided."""
impact = """
The gateway has no bypass ID, so no call to or from it ever bypasses."""
causes = [
    "The subnet of the gateways was never entered: people think of clients only.",
    "RepresentativeMediaIP names an address outside, such as that of a provider.",
]
confirm = [
    "Get-CsService -PstnGateway: RepresentativeMediaIP.",
    "Get-CsNetworkSubnet: an entry that holds it, a host entry with MaskBits 32 too.",
]
fix = [
    "Add the subnet, or the single address with MaskBits 32, to the site that the gateway is in.",
    "Set RepresentativeMediaIP to the gateway's real media address.",
]
falsepositives = [
    "A trunk without bypass: its gateway needs no place.",
]
references = [
    "Microsoft: Set-CsPstnGateway, RepresentativeMediaIP",
    "Microsoft: Plan for media bypass in Skype for Business",
]
*/
with

setting as (
    select
        any_value(snapshot_id) as snapshot_id,
        bool_or(coalesce(enabled, false)) and not bool_or(coalesce(alwaysbypass, false))
        and not bool_or(coalesce(enabledefaultbypassid, false)) as goes_by_site
    from bypass_settings
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

counted as (
    select
        gateway.identity,
        any_value(coalesce(gateway.representativemediaip, gateway.addresses[1])) as ip,
        any_value(gateway.source_id) as source_id,
        any_value(gateway.line) as line
    from gateway
    inner join setting on gateway.snapshot_id = setting.snapshot_id and setting.goes_by_site
    group by gateway.identity
),

listed as (
    select *
    from network_subnet
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

total as (
    select count(*) as subnets
    from listed
),

judged as (
    select
        counted.identity,
        any_value(counted.ip) as ip,
        any_value(address.ip_hex) as ip_hex,
        any_value(counted.source_id) as source_id,
        any_value(counted.line) as line,
        max_by(listed.subnetid || '/' || listed.maskbits, listed.maskbits) as subnet,
        any_value(total.subnets) as subnets
    from counted
    left join address on counted.ip = address.ip
    left join listed on address.ip_hex between listed.first_num and listed.last_num
    cross join total
    group by counted.identity
)

select
    identity as subject_id,
    identity as peer,
    case
        when subnet is not null then 'pass'
        when ip_hex is null or subnets = 0 then 'unknown'
        else 'fail'
    end as status,
    case
        when subnet is not null then format('{} lies in {}', ip, subnet)
        when ip is null then format('the address of gateway {} is not in the configuration', identity)
        when ip_hex is null then format('the address of gateway {}, {}, is a name', identity, ip)
        when subnets = 0 then 'no subnets were imported'
        else format('gateway {}: {} lies in no configured subnet', identity, ip)
    end as reason,
    [{ 'source_id': source_id, 'line': line, 'note': 'gateway ' || identity }] as evidence
from judged
