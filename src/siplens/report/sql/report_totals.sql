/* One row per rule and status with standing findings of calls from $since until $until: how many, and how many of them are waived. */
select
    finding.rule_id,
    finding.status,
    min_by(finding.severity, list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity)) as severity,
    count(*) as total,
    count(*) filter (where coalesce(finding.waived_until > $now, false)) as waived
from finding
left join call using (call_no)
where
    finding.resolved_at is null
    and (
        finding.call_no is null
        or (($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until))
    )
group by finding.rule_id, finding.status
order by finding.rule_id, finding.status
