/*
id = "CFG007"
title = "A subnet names a site that does not exist"
severity = "medium"
status = "stable"
subject = "subnet"
meaning = """
A configured subnet names no site, or a site that the configuration does not have. Judged are all subnets of the newest configuration."""
impact = """
Endpoints in that subnet have no site and no bypass ID: their calls are mediated."""
causes = [
    "The site was renamed or removed after its subnets had been entered.",
    "A list of subnets was imported with a misspelt site.",
]
confirm = [
    "Get-CsNetworkSubnet and Get-CsNetworkSite: compare the names.",
]
fix = [
    "Set-CsNetworkSubnet -NetworkSiteID with the right site.",
]
falsepositives = [
    "The configuration imported has subnets and sites of different days.",
]
references = [
    "Microsoft: New-CsNetworkSubnet, NetworkSiteID",
    "Microsoft: New-CsNetworkSite",
]
*/
with

site as (
    select distinct lower(networksiteid) as site
    from network_site
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

total as (
    select count(*) as sites
    from site
),

judged as (
    select
        network_subnet.subnetid || '/' || network_subnet.maskbits as subnet,
        any_value(network_subnet.networksiteid) as wanted,
        any_value(site.site) as found,
        any_value(network_subnet.source_id) as source_id,
        any_value(network_subnet.line) as line,
        any_value(total.sites) as sites
    from network_subnet
    left join site on lower(network_subnet.networksiteid) = site.site
    cross join total
    where network_subnet.snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
    group by all
)

select
    subnet as subject_id,
    case
        when wanted is null then 'fail'
        when found is not null then 'pass'
        when sites = 0 then 'unknown'
        else 'fail'
    end as status,
    case
        when wanted is null then format('subnet {} names no site', subnet)
        when found is not null then 'of site ' || wanted
        when sites = 0 then format('subnet {} names site {}; no sites were imported', subnet, wanted)
        else format('subnet {} names site {}, which the configuration does not have', subnet, wanted)
    end as reason,
    [{ 'source_id': source_id, 'line': line, 'note': 'subnet ' || subnet }] as evidence
from judged
