/* One row per run of rules, the latest first: with what, on what, and how it judged. */
with

counted as (
    select
        run_id,
        count(*) as rules,
        sum(passed)::bigint as passed,
        sum(failed)::bigint as failed,
        sum(unknown)::bigint as unknown,
        md5(string_agg(rule_id || ' ' || coalesce(rule_version, ''), ',' order by rule_id))[:12] as rules_version
    from rule_count
    group by run_id
),

came as (
    select
        rule_run.run_id,
        count(*) filter (where finding.first_seen = rule_run.started_at or finding.returned_at = rule_run.started_at) as new_findings,
        count(*) filter (where finding.resolved_at = rule_run.started_at) as resolved
    from rule_run
    inner join finding
        on rule_run.started_at in (finding.first_seen, finding.returned_at, finding.resolved_at)
    group by rule_run.run_id
)

select
    rule_run.run_id,
    rule_run.started_at,
    rule_run.command,
    rule_run.tool_version,
    counted.rules,
    counted.rules_version,
    rule_run.configuration,
    counted.passed,
    counted.failed,
    counted.unknown,
    coalesce(came.new_findings, 0) as new_findings,
    coalesce(came.resolved, 0) as resolved
from rule_run
left join counted on rule_run.run_id = counted.run_id
left join came on rule_run.run_id = came.run_id
order by rule_run.run_id desc
