/* One row per configuration snapshot, oldest first. */
select
    snapshot_id as snapshot,
    label as files,
    imported_at as imported,
    coalesce(cast(valid_from as varchar), 'always') as valid_from
from config_snapshot
order by snapshot_id
