/*
One row per configuration snapshot and text by which a vendor is known: the one vendor table that configuration check, rules and
criteria read. A vendor of the user's file goes before siplens' own of the same name (known_vendor). snapshot_id NULL: where no
configuration is in force, siplens' own.
*/
create or replace view vendor_in_force as
with

snapshots as (
    select snapshot_id
    from config_snapshot
    union all
    select null::bigint as snapshot_id
)

select
    vendor.snapshot_id,
    vendor.vendor,
    lower(coalesce(vendor.match, vendor.vendor)) as match,
    vendor.maxearlydialogs as max_early_dialogs,
    vendor.behaviour,
    coalesce(vendor.document, 'the imported vendor table') as document,
    [{ 'source_id': vendor.source_id, 'frame': null::bigint, 'line': vendor.line, 'note': 'vendor ' || vendor.vendor }] as evidence
from vendor
union all
select
    snapshots.snapshot_id,
    known_vendor.vendor,
    lower(known_vendor.match) as match,
    known_vendor.max_early_dialogs,
    known_vendor.behaviour,
    known_vendor.document,
    [] as evidence
from snapshots
cross join known_vendor
anti join vendor
    on snapshots.snapshot_id = vendor.snapshot_id and lower(known_vendor.vendor) = lower(vendor.vendor);

comment on view vendor_in_force is
'One row per configuration snapshot and text by which a vendor is known: the user''s vendors (vendor), else siplens'' own (known_vendor).';
comment on column vendor_in_force.snapshot_id is 'config_snapshot.snapshot_id; NULL: where no configuration is in force.';
comment on column vendor_in_force.vendor is 'Name.';
comment on column vendor_in_force.match is 'Text, lower case, found in the gateway''s Vendor or its User-Agent.';
comment on column vendor_in_force.max_early_dialogs is
'Early dialogs that the vendor says its products take for one INVITE; NULL where it says nothing.';
comment on column vendor_in_force.behaviour is 'What is documented of its handling of forks.';
comment on column vendor_in_force.document is 'Where that is written.';
comment on column vendor_in_force.evidence is 'The line of the user''s file; empty for siplens'' own.';
