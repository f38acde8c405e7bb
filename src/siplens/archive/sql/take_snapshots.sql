/* Enters the arriving configuration snapshots that are not known, and says in `taken_snapshot` which number each has here. */
create or replace temp table taken_snapshot as
with

highest as (
    select coalesce(max(snapshot_id), 0) as snapshot_id
    from config_snapshot
),

numbered as (
    select
        arriving_snapshot.imported_at,
        arriving_snapshot.valid_from,
        arriving_snapshot.label,
        config_snapshot.snapshot_id as known_id,
        row_number() over (
            partition by config_snapshot.snapshot_id is null
            order by arriving_snapshot.imported_at
        ) as place
    from arriving_snapshot
    left join config_snapshot using (imported_at)
)

select
    numbered.imported_at,
    numbered.valid_from,
    numbered.label,
    coalesce(numbered.known_id, highest.snapshot_id + numbered.place)::integer as snapshot_id,
    numbered.known_id is null as is_new
from numbered
cross join highest;

insert into config_snapshot by name
select
    snapshot_id,
    imported_at,
    valid_from,
    label
from taken_snapshot
where is_new
