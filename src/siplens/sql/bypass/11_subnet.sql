/*
One row per configuration snapshot and configured subnet: its site, region, and the bypass ID that addresses in it have.

Bypass IDs (DOMAIN 1.1; "How media bypass works", Lync 2010): a region has one; a site with an unconstrained link
inherits its region's; a site with a bandwidth policy, whatever the policy's value, has its own. Exports carry the IDs.
In a file written by hand they are made from the names: 'region:emea', 'site:hamburg'.
*/
-- needs: network_subnet
create or replace table bypass_subnet as
with

sites as (
    select *
    from network_site
    qualify row_number() over (partition by snapshot_id, lower(networksiteid) order by source_id desc, line desc) = 1
),

region_ids as (
    select
        sites.snapshot_id,
        lower(sites.networkregionid) as region_key,
        coalesce(
            any_value(network_region.bypassid),
            min(sites.bypassid) filter (where sites.bwpolicyprofileid is null),
            'region:' || lower(sites.networkregionid)
        ) as bypass_id,
        any_value(network_region.bypassid) is null
        and min(sites.bypassid) filter (where sites.bwpolicyprofileid is null) is null as is_made,
        any_value(network_region.source_id) as source_id,
        any_value(network_region.line) as line
    from sites
    left join network_region
        on sites.snapshot_id = network_region.snapshot_id and lower(sites.networkregionid) = lower(network_region.networkregionid)
    where sites.networkregionid is not null
    group by sites.snapshot_id, lower(sites.networkregionid)
)

select
    subnet.snapshot_id,
    row_number() over () as subnet_no,
    subnet.first_num,
    subnet.last_num,
    if(contains(subnet.subnetid, ':'), 128, 32) - subnet.maskbits as host_bits,
    subnet.subnetid || '/' || subnet.maskbits as subnet,
    coalesce(sites.networksiteid, subnet.networksiteid) as site,
    sites.networkregionid as region,
    sites.bwpolicyprofileid as bandwidth_policy,
    sites.bwpolicyprofileid is not null as is_constrained,
    case
        when sites.networksiteid is null or sites.networkregionid is null then sites.bypassid
        when sites.bwpolicyprofileid is not null then coalesce(sites.bypassid, 'site:' || lower(sites.networksiteid))
        else coalesce(sites.bypassid, region_ids.bypass_id)
    end as bypass_id,
    case
        when sites.bypassid is not null then false
        when sites.bwpolicyprofileid is not null then true
        else coalesce(region_ids.is_made, true)
    end as is_made,
    case
        when subnet.networksiteid is null then 'subnet ' || subnet.subnetid || ' names no site'
        when sites.networksiteid is null then 'site ' || subnet.networksiteid || ' is not in the configuration'
    end as problem,
    concat(
        'in subnet ', subnet.subnetid, '/', subnet.maskbits,
        ', site ', coalesce(sites.networksiteid, subnet.networksiteid, '(none)'),
        case
            when sites.networksiteid is null then ''
            when sites.networkregionid is null then ', no region'
            else ', region ' || sites.networkregionid
        end,
        case
            when sites.bwpolicyprofileid is not null
                then ', constrained link (bandwidth policy ' || sites.bwpolicyprofileid || ')'
            when sites.networkregionid is not null then ', unconstrained link'
            else ''
        end
    ) as words,
    list_concat(
        [{
            'source_id': subnet.source_id, 'frame': null::bigint, 'line': subnet.line,
            'note': 'subnet ' || subnet.subnetid || '/' || subnet.maskbits
        }],
        case
            when sites.networksiteid is not null
                then [{
                    'source_id': sites.source_id, 'frame': null::bigint, 'line': sites.line,
                    'note': 'site ' || sites.networksiteid
                }]
        end,
        case
            when region_ids.line is not null
                then [{
                    'source_id': region_ids.source_id, 'frame': null::bigint, 'line': region_ids.line,
                    'note': 'region ' || sites.networkregionid
                }]
        end
    ) as evidence
from network_subnet as subnet
left join sites on subnet.snapshot_id = sites.snapshot_id and lower(subnet.networksiteid) = lower(sites.networksiteid)
left join region_ids
    on subnet.snapshot_id = region_ids.snapshot_id and lower(sites.networkregionid) = region_ids.region_key;

comment on table bypass_subnet is 'One row per configuration snapshot and configured subnet: site, region and bypass ID.';
comment on column bypass_subnet.subnet_no is 'Number of the row, for joins.';
comment on column bypass_subnet.host_bits is 'Bits of the address that are not in the prefix.';
comment on column bypass_subnet.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_subnet.first_num is 'network_subnet.first_num.';
comment on column bypass_subnet.last_num is 'network_subnet.last_num.';
comment on column bypass_subnet.subnet is 'Subnet as prefix.';
comment on column bypass_subnet.site is 'Network site.';
comment on column bypass_subnet.region is 'Network region of the site.';
comment on column bypass_subnet.bandwidth_policy is 'Bandwidth policy of the site: present, the WAN link is constrained.';
comment on column bypass_subnet.is_constrained is 'Whether the site has a bandwidth policy.';
comment on column bypass_subnet.bypass_id is
'Bypass ID of the site: its own where constrained or configured, else its region''s; NULL where the site is not known or has no region.';
comment on column bypass_subnet.is_made is 'True where the configuration has no ID and one was made from the name.';
comment on column bypass_subnet.problem is 'Why the bypass ID cannot be told; NULL where nothing is wrong.';
comment on column bypass_subnet.words is 'The place in words, for details.';
comment on column bypass_subnet.evidence is 'Lines of the configuration: subnet, site, region.';
