/* One row per call with a configuration: the snapshot in force when the call began. */
-- needs: config_snapshot
create or replace table config_in_force as
with

-- Each snapshot is complete: of those valid from the same time, the one imported last counts. NULL: it always was valid.
dated as (
    select
        coalesce(valid_from, '-infinity'::timestamp) as valid_from,
        max(snapshot_id) as snapshot_id
    from config_snapshot
    group by all
)

select
    call.call_no,
    dated.snapshot_id
from call
asof inner join dated on call.started_ts >= dated.valid_from;

comment on table config_in_force is 'One row per call with a configuration: the snapshot in force when the call began.';
comment on column config_in_force.call_no is 'call.call_no.';
comment on column config_in_force.snapshot_id is 'config_snapshot.snapshot_id.';
