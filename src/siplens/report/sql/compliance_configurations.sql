/* One row per configuration snapshot: its files, and the calls from $since until $until that it was in force for. */
select
    config_snapshot.snapshot_id as snapshot,
    config_snapshot.label as files,
    config_snapshot.imported_at as imported,
    config_snapshot.valid_from,
    count(call.call_no) as calls
from config_snapshot
left join config_in_force using (snapshot_id)
left join call
    on
        config_in_force.call_no = call.call_no
        and ($since is null or call.started_ts >= $since)
        and ($until is null or call.started_ts < $until)
group by config_snapshot.snapshot_id, config_snapshot.label, config_snapshot.imported_at, config_snapshot.valid_from
order by config_snapshot.snapshot_id
