/*
One row per configuration snapshot, vendor as the configuration says, and User-Agent met: the vendor that the tables know by it, and the
early dialogs that it says its products take (vendor_in_force). Of several texts that match, the longest counts.
*/
-- needs: config_in_force
create or replace table bypass_vendor as
with

met as (
    select distinct
        config_in_force.snapshot_id,
        bypass_peer.vendor as said,
        bypass_fact.peer_agent as agent
    from bypass_fact
    left join config_in_force using (call_no)
    left join bypass_peer
        on
            config_in_force.snapshot_id = bypass_peer.snapshot_id
            and bypass_fact.peer_ip = bypass_peer.peer_ip
            and bypass_fact.mediation_ip is not distinct from bypass_peer.mediation_ip
)

select
    met.snapshot_id,
    met.said,
    met.agent,
    arg_max(known.vendor, len(known.match)) as vendor,
    -- arg_max would pass over NULL: a vendor without a limit must not get another's.
    arg_max_null(known.max_early_dialogs, len(known.match)) as max_early_dialogs,
    arg_max(known.document, len(known.match)) as document,
    arg_max(known.evidence, len(known.match)) as evidence
from met
inner join vendor_in_force as known
    on
        met.snapshot_id is not distinct from known.snapshot_id
        and contains(lower(concat_ws(' ', met.said, met.agent)), known.match)
group by met.snapshot_id, met.said, met.agent;

comment on table bypass_vendor is 'One row per snapshot, vendor as configured and User-Agent met: what the tables of vendors know of it.';
comment on column bypass_vendor.said is 'Vendor of the gateway in the configuration.';
comment on column bypass_vendor.agent is 'User-Agent or Server of the peer.';
comment on column bypass_vendor.vendor is 'vendor_in_force.vendor.';
comment on column bypass_vendor.max_early_dialogs is 'Early dialogs that it says its products take; NULL where it says nothing.';
comment on column bypass_vendor.document is 'Where that is written.';
comment on column bypass_vendor.evidence is 'The line of the user''s file that says so; empty for siplens'' own list.';
comment on column bypass_vendor.snapshot_id is 'config_snapshot.snapshot_id; NULL: no configuration in force.';
