/* One row per rule: its version in the latest run, the version before where it changed, and its judgements of the days from $first_day
   until just before $last_day (UTC; NULL: all). */
with

versions as (
    select
        rule_count.rule_id,
        rule_count.rule_version,
        arg_max(rule_count.severity, rule_count.run_id) as severity,
        min(rule_run.started_at) as first_used,
        max(rule_count.run_id) as last_run
    from rule_count
    inner join rule_run using (run_id)
    group by rule_count.rule_id, rule_count.rule_version
),

latest as (
    select
        *,
        lag(rule_version) over (partition by rule_id order by last_run) as version_before
    from versions
    qualify row_number() over (partition by rule_id order by last_run desc) = 1
),

judged as (
    select
        rule_id,
        sum(passed)::bigint as passed,
        sum(failed)::bigint as failed,
        sum(unknown)::bigint as unknown
    from rule_day
    where ($first_day is null or day >= $first_day) and ($last_day is null or day < $last_day)
    group by rule_id
)

select
    latest.rule_id,
    latest.severity,
    latest.rule_version,
    latest.first_used,
    latest.version_before,
    coalesce(judged.passed, 0) as passed,
    coalesce(judged.failed, 0) as failed,
    coalesce(judged.unknown, 0) as unknown
from latest
left join judged on latest.rule_id = judged.rule_id
order by latest.rule_id
