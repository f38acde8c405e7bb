/* One row per failure that stands and is not waived, of calls from $since until $until and of what belongs to no call; worst first. */
select
    finding.fingerprint,
    finding.rule_id,
    finding.severity,
    finding.call_no,
    finding.peer,
    finding.reason,
    md5(concat_ws('|', finding.severity, finding.reason)) as digest
from finding
left join call using (call_no)
where
    finding.status = 'fail'
    and finding.resolved_at is null
    and finding.pruned_at is null
    and (finding.waived_until is null or finding.waived_until <= $now)
    and (
        finding.call_no is null
        or (
            ($since is null or call.started_ts >= $since)
            and ($until is null or call.started_ts < $until)
        )
    )
order by
    list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity),
    finding.rule_id,
    finding.call_no,
    finding.fingerprint
