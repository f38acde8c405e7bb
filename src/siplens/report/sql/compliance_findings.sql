/* One row per rule with standing findings about calls from $since until $until, or about what has no call, worst severity first. */
select
    finding.rule_id,
    finding.severity,
    count(*) filter (where finding.status = 'fail') as failed,
    count(*) filter (where finding.status = 'fail' and coalesce(finding.waived_until > $now, false)) as waived,
    count(*) filter (where finding.status = 'unknown') as unknown,
    count(distinct finding.peer) filter (where finding.status = 'fail') as peers,
    min(finding.first_seen) filter (where finding.status = 'fail') as first_found
from finding
left join call using (call_no)
where
    finding.resolved_at is null
    and (
        finding.call_no is null
        or (($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until))
    )
group by finding.rule_id, finding.severity
order by
    failed = 0 asc,
    list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity) asc,
    failed desc,
    finding.rule_id asc
