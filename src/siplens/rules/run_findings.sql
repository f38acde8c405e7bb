/* One row per finding of one run, worst first: failures before undecided subjects. New is what no check before this one found. */
with

last_check as (
    select
        rule_count.rule_id,
        max(rule_run.started_at) as started_at
    from rule_run
    inner join rule_count on rule_run.run_id = rule_count.run_id
    where rule_run.run_id < $run_id and rule_run.command = 'check'
    group by rule_count.rule_id
)

select
    finding.finding_id,
    finding.rule_id,
    finding.severity,
    finding.status,
    finding.subject,
    finding.subject_id,
    finding.call_no,
    finding.peer,
    finding.reason,
    finding.fingerprint,
    finding.first_seen,
    finding.last_seen,
    coalesce(greatest(finding.first_seen, coalesce(finding.returned_at, finding.first_seen)) > last_check.started_at, true) as is_new,
    coalesce(finding.waived_until > rule_run.started_at, false) as waived,
    finding.waive_reason
from finding
inner join rule_run using (run_id)
left join last_check using (rule_id)
where finding.run_id = $run_id
order by
    finding.status,
    list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity),
    finding.rule_id,
    finding.call_no,
    finding.subject_id
