/* One row per rule that has judged all that is stored: its latest run began after the last change. */
with

changed as (
    select max(moment) as moment
    from (
        select max(ingested_at) as moment from source
        union all
        select max(imported_at) as moment from config_snapshot
    ) as moments
)

select distinct rule_count.rule_id
from rule_count
inner join rule_run using (run_id)
cross join changed
where rule_run.started_at >= changed.moment
