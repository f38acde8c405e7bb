/*
One row per configuration snapshot and outside address of a Teams user: the narrowest trusted range that holds it
(Get-CsTenantTrustedIPAddress): the addresses by which the enterprise's own networks reach Microsoft 365. A user is inside the
corporate network where its outside address is among them.
*/
create or replace table bypass_trusted as
with

met as (
    select distinct
        config_in_force.snapshot_id,
        bypass_fact.client_outside_ip as ip
    from bypass_fact inner join config_in_force using (call_no)
    where bypass_fact.client_outside_ip is not null
)

select
    met.snapshot_id,
    met.ip,
    arg_max(trusted_ip.ipaddress || '/' || trusted_ip.maskbits, trusted_ip.maskbits) as trusted_range,
    arg_max(
        [{
            'source_id': trusted_ip.source_id, 'frame': null::bigint, 'line': trusted_ip.line,
            'note': 'trusted address ' || trusted_ip.ipaddress || '/' || trusted_ip.maskbits
        }],
        trusted_ip.maskbits
    ) as evidence
from met
inner join address on met.ip = address.ip
inner join trusted_ip
    on met.snapshot_id = trusted_ip.snapshot_id and address.ip_hex between trusted_ip.first_num and trusted_ip.last_num
group by met.snapshot_id, met.ip;

comment on table bypass_trusted is
'One row per configuration snapshot and outside address of a Teams user that a trusted range (Get-CsTenantTrustedIPAddress) holds.';
comment on column bypass_trusted.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_trusted.ip is 'bypass_fact.client_outside_ip.';
comment on column bypass_trusted.trusted_range is 'The range, the narrowest where there are several.';
comment on column bypass_trusted.evidence is 'Its line in the configuration.';
