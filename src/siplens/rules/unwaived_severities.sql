/* One row per severity among failures of the last run that no waiver covers at the time of that run. */
with

this_run as (
    select
        max(run_id) as run_id,
        max_by(started_at, run_id) as started_at
    from rule_run
)

select distinct finding.severity
from finding
inner join this_run using (run_id)
where
    finding.status = 'fail'
    and (finding.waived_until is null or finding.waived_until <= this_run.started_at)
