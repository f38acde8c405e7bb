/* One row per configuration snapshot and address of a client or peer: its subnet, site, region and bypass ID. */
create or replace view bypass_place as
select
    bypass_address.snapshot_id,
    bypass_address.ip,
    bypass_subnet.subnet,
    bypass_subnet.site,
    bypass_subnet.region,
    bypass_subnet.bandwidth_policy,
    coalesce(bypass_subnet.is_constrained, false) as is_constrained,
    bypass_subnet.bypass_id,
    bypass_subnet.is_made,
    bypass_subnet.problem,
    coalesce(bypass_subnet.words, 'in no configured subnet') as words,
    bypass_subnet.evidence
from bypass_address
left join bypass_subnet using (snapshot_id, subnet_no);

comment on view bypass_place is
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
