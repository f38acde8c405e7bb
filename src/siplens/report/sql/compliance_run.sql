/* At most one row: the latest run of rules, with the versions of the rules and of the configuration that it judged by. */
select
    rule_run.run_id,
    rule_run.started_at,
    rule_run.tool_version,
    rule_run.configuration,
    count(*) as rules,
    md5(string_agg(rule_count.rule_id || ' ' || coalesce(rule_count.rule_version, ''), ',' order by rule_count.rule_id))[:12]
        as rules_version
from rule_run
inner join rule_count using (run_id)
group by rule_run.run_id, rule_run.started_at, rule_run.tool_version, rule_run.configuration
order by rule_run.run_id desc
limit 1
