/* One row per address seen: its host's role, and where the newest configuration places it. */
create or replace view host_place as
with

newest as (
    select *
    from bypass_place
    qualify snapshot_id = max(snapshot_id) over ()
)

select
    host.ip,
    host.role,
    host.role_reason,
    host.agent,
    newest.subnet,
    newest.site,
    newest.region,
    newest.is_constrained,
    newest.bypass_id,
    newest.words as place_reason
from host
left join newest using (ip);

comment on view host_place is 'One row per address seen: its host''s role, and where the newest configuration places it.';
comment on column host_place.ip is 'Address.';
comment on column host_place.role is 'host.role.';
comment on column host_place.role_reason is 'Why it was given that role.';
comment on column host_place.agent is 'A User-Agent or Server that it named.';
comment on column host_place.subnet is 'Configured subnet that holds it, by longest prefix; NULL in none.';
comment on column host_place.site is 'Network site; NULL in none.';
comment on column host_place.region is 'Network region.';
comment on column host_place.is_constrained is 'Whether the site has a bandwidth policy.';
comment on column host_place.bypass_id is 'Bypass ID of its place, before EnableDefaultBypassID.';
comment on column host_place.place_reason is 'The place in words; NULL without configuration.';
