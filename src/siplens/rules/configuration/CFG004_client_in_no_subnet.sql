/*
id = "CFG004"
title = "A client's address lies in no configured subnet"
severity = "medium"
status = "stable"
subject = "address"
meaning = """
A client was seen whose address lies in none of the configured subnets: it has no site, and no bypass ID unless unlisted subnets are
given the default one. Judged are addresses of clients seen, while bypass goes by site and region. Clients outside the company's
networks (public addresses) are undecided: they never bypass."""
impact = """
Calls of everybody in that subnet are mediated, whatever the trunk allows; location and admission control do not work for them either."""
causes = [
    "A new office, VLAN or wireless network was never entered.",
    "The mask of an entry is too long.",
]
confirm = [
    "siplens calls --where shows whose calls these are.",
    "Get-CsNetworkSubnet: is there an entry that should hold the address?",
]
fix = [
    "Add the subnet with New-CsNetworkSubnet, to the site it belongs to.",
    "Or set EnableDefaultBypassID, where all unlisted subnets are well connected.",
]
falsepositives = [
    "Home and VPN networks that are left out on purpose.",
]
references = [
    "Microsoft: New-CsNetworkSubnet",
    "Microsoft: New-CsNetworkMediaBypassConfiguration, EnableDefaultBypassID",
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

judged as (
    select
        host_place.ip,
        host_place.site,
        host_place.subnet,
        address.family = 4 and not regexp_matches(host_place.ip, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|169\.254\.)') as is_public
    from host_place
    inner join address using (ip)
    cross join setting
    where
        host_place.role = 'client' and setting.goes_by_site
        and exists (
            from network_subnet
            where network_subnet.snapshot_id = setting.snapshot_id
        )
),

shown as (
    select
        message.src_ip as ip,
        min(message.message_id) as message_id
    from message
    semi join judged on message.src_ip = judged.ip and judged.subnet is null
    group by message.src_ip
)

select
    judged.ip as subject_id,
    case
        when judged.subnet is not null then 'pass'
        when judged.is_public then 'unknown'
        else 'fail'
    end as status,
    case
        when judged.subnet is not null then concat('in subnet ', judged.subnet, ', site ' || judged.site)
        when judged.is_public then format('{} is in no configured subnet, and it is a public address', judged.ip)
        else format('client {} is in no configured subnet', judged.ip)
    end as reason,
    [{ 'message_id': shown.message_id, 'note': 'a message of this client' }] as evidence
from judged
left join shown on judged.ip = shown.ip
