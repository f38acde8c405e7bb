/* Which findings stand, and what is the proof? File hash, frame or line of every piece of evidence. */
select
    finding.rule_id,
    finding.severity,
    finding.call_no,
    finding.reason,
    finding_evidence.note,
    left(source.sha256, 12) as sha256,
    regexp_extract(source.path, '[^/\\]+$') as file,
    finding_evidence.frame,
    finding_evidence.line
from finding
inner join finding_evidence using (finding_id)
left join source using (source_id)
where finding.status = 'fail' and finding.resolved_at is null
order by finding.rule_id, finding.call_no, finding.finding_id, finding_evidence.ordinal
