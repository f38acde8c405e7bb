/*
One row per configuration snapshot and address: where the address lies (subnet by longest prefix, site, region), and the
bypass ID it has.

Bypass IDs (DOMAIN 1.1; "How media bypass works", Lync 2010): a region has one; a site with an unconstrained link
inherits its region's; a site with a bandwidth policy, whatever the policy's value, has its own. Exports carry the IDs.
In a file written by hand they are made from the names: 'region:emea', 'site:hamburg'. Prefixes are compared as numbers
of 128 bits, once per distinct address and prefix length, never per call.
*/
create or replace table bypass_place as
with

wanted as (
    select
        config_in_force.snapshot_id,
        call.client_media_ip as ip
    from call inner join config_in_force using (call_no)
    union
    select
        config_in_force.snapshot_id,
        call.client_ip
    from call inner join config_in_force using (call_no)
    union
    select
        config_in_force.snapshot_id,
        call.peer_ip
    from call inner join config_in_force using (call_no)
    union
    select
        config_in_force.snapshot_id,
        call.peer_media_ip
    from call inner join config_in_force using (call_no)
    union
    select
        snapshot_id,
        representativemediaip
    from gateway
    union
    select
        config_snapshot.snapshot_id,
        message.ms_subnet
    from message cross join config_snapshot
    where message.ms_subnet is not null
    union
    -- Every host seen, for host_place: by the newest snapshot.
    select
        config_snapshot.snapshot_id,
        host.ip
    from host cross join config_snapshot
    where config_snapshot.snapshot_id = (select max(latest.snapshot_id) from config_snapshot as latest)
),

numbered as (
    select
        wanted.snapshot_id,
        wanted.ip,
        address.family,
        ('0x' || address.ip_hex)::uhugeint as num
    from wanted inner join address using (ip)
    where wanted.snapshot_id is not null
),

subnets as (
    select
        *,
        case when contains(subnetid, ':') then 6 else 4 end as family,
        (case when contains(subnetid, ':') then 128 else 32 end - maskbits)::uhugeint as host_bits,
        ('0x' || first_num)::uhugeint >> host_bits as prefix
    from network_subnet
),

prefix_lengths as (
    select distinct
        snapshot_id,
        family,
        host_bits
    from subnets
),

keyed as materialized (
    select
        numbered.snapshot_id,
        numbered.ip,
        numbered.family,
        prefix_lengths.host_bits,
        numbered.num >> prefix_lengths.host_bits as prefix
    from numbered inner join prefix_lengths using (snapshot_id, family)
),

longest as (
    select
        keyed.snapshot_id,
        keyed.ip,
        arg_min(
            {
                'subnetid': subnets.subnetid,
                'maskbits': subnets.maskbits,
                'networksiteid': subnets.networksiteid,
                'source_id': subnets.source_id,
                'line': subnets.line
            },
            keyed.host_bits
        ) as subnet
    from keyed inner join subnets using (snapshot_id, family, host_bits, prefix)
    group by keyed.snapshot_id, keyed.ip
),

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
    numbered.snapshot_id,
    numbered.ip,
    longest.subnet.subnetid || '/' || longest.subnet.maskbits as subnet,
    coalesce(sites.networksiteid, longest.subnet.networksiteid) as site,
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
        when longest.subnet is null then null
        when longest.subnet.networksiteid is null then 'subnet ' || longest.subnet.subnetid || ' names no site'
        when sites.networksiteid is null then 'site ' || longest.subnet.networksiteid || ' is not in the configuration'
    end as problem,
    case
        when longest.subnet is null then 'in no configured subnet'
        else concat(
            'in subnet ', longest.subnet.subnetid, '/', longest.subnet.maskbits,
            ', site ', coalesce(sites.networksiteid, longest.subnet.networksiteid, '(none)'),
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
        )
    end as words,
    list_concat(
        case
            when longest.subnet is not null
                then [{
                    'source_id': longest.subnet.source_id, 'frame': null::bigint, 'line': longest.subnet.line,
                    'note': 'subnet ' || longest.subnet.subnetid || '/' || longest.subnet.maskbits
                }]
        end,
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
from numbered
left join longest using (snapshot_id, ip)
left join sites
    on numbered.snapshot_id = sites.snapshot_id and lower(longest.subnet.networksiteid) = lower(sites.networksiteid)
left join region_ids
    on numbered.snapshot_id = region_ids.snapshot_id and lower(sites.networkregionid) = region_ids.region_key;

comment on table bypass_place is
'One row per configuration snapshot and address of a call''s client or peer: its subnet, site, region and bypass ID.';
comment on column bypass_place.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_place.ip is 'Address, canonical text.';
comment on column bypass_place.subnet is 'Longest configured subnet that holds the address; NULL: none does.';
comment on column bypass_place.site is 'Network site of the subnet.';
comment on column bypass_place.region is 'Network region of the site.';
comment on column bypass_place.bandwidth_policy is 'Bandwidth policy of the site: present, the WAN link is constrained.';
comment on column bypass_place.is_constrained is 'Whether the site has a bandwidth policy.';
comment on column bypass_place.bypass_id is
'Bypass ID of the site: its own where constrained or configured, else its region''s; NULL where the site is not known or has no region.';
comment on column bypass_place.is_made is 'True where the configuration has no ID and one was made from the name.';
comment on column bypass_place.problem is
'Why the bypass ID cannot be told although a subnet holds the address; NULL where nothing is wrong.';
comment on column bypass_place.words is 'The place in words, for details.';
comment on column bypass_place.evidence is 'Lines of the configuration: subnet, site, region.';
