/*
id = "CFG005"
title = "A network site belongs to no region"
severity = "medium"
status = "stable"
subject = "site"
meaning = """
A site names no region, or one that the configuration does not have: it gets no bypass ID. Judged are all sites of the newest
configuration."""
impact = """
No call from that site's subnets ever bypasses, for the site shares no bypass ID with any gateway."""
causes = [
    "The region was left out when the site was made, as for location only.",
    "The region was renamed or removed.",
]
confirm = [
    "Get-CsNetworkSite: NetworkRegionID and BypassID.",
    "Get-CsNetworkRegion: is there a region of that name?",
]
fix = [
    "Set-CsNetworkSite -NetworkRegionID with the region it belongs to.",
]
falsepositives = [
    "A site that exists for location or emergency calls only.",
]
references = [
    "Microsoft: New-CsNetworkSite, NetworkRegionID and BypassID",
    "Microsoft: Plan for media bypass in Skype for Business",
]
*/
with

region as (
    select distinct lower(networkregionid) as region
    from network_region
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

total as (
    select count(*) as regions
    from region
),

judged as (
    select
        network_site.networksiteid as site,
        any_value(network_site.networkregionid) as wanted,
        any_value(region.region) as found,
        any_value(network_site.source_id) as source_id,
        any_value(network_site.line) as line,
        any_value(total.regions) as regions
    from network_site
    left join region on lower(network_site.networkregionid) = region.region
    cross join total
    where network_site.snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
    group by network_site.networksiteid
)

select
    site as subject_id,
    case
        when wanted is null then 'fail'
        when found is not null then 'pass'
        when regions = 0 then 'unknown'
        else 'fail'
    end as status,
    case
        when wanted is null then format('site {} names no region', site)
        when found is not null then 'in region ' || wanted
        when regions = 0 then format('site {} names region {}; no regions were imported', site, wanted)
        else format('site {} names region {}, which the configuration does not have', site, wanted)
    end as reason,
    [{ 'source_id': source_id, 'line': line, 'note': 'site ' || site }] as evidence
from judged
