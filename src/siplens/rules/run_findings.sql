/* One row per finding of one run, worst first: failures before undecided subjects. */
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
    finding.first_seen,
    finding.last_seen,
    coalesce(finding.waived_until > rule_run.started_at, false) as waived,
    finding.waive_reason
from finding
inner join rule_run using (run_id)
where finding.run_id = $run_id
order by
    finding.status,
    list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity),
    finding.rule_id,
    finding.call_no,
    finding.subject_id
