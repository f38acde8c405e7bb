/* One row per call that one of the files $source_ids shows anything of, with what the last run of rules newly found in it. */
with

shown as (
    select
        call_no,
        unnest(sources) as source_id
    from call
    union
    select
        call_flow.call_no,
        media_flow.source_id
    from call_flow
    inner join media_flow using (flow_id)
),

this_run as (
    select max_by(started_at, run_id) as started_at
    from rule_run
),

new_failures as (
    select
        finding.call_no,
        list(finding.rule_id order by finding.rule_id) as rules
    from finding
    inner join this_run on finding.first_seen = this_run.started_at
    where finding.status = 'fail' and finding.resolved_at is null
    group by finding.call_no
)

select
    shown.source_id,
    shown.call_no,
    coalesce(new_failures.rules, []) as new_failures
from shown
left join new_failures using (call_no)
where list_contains($source_ids, shown.source_id)
order by shown.source_id, shown.call_no
