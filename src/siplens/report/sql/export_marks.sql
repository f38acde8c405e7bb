/* One row per frame or line that a standing finding of the calls $call_nos names, and finding. */
select
    finding_evidence.source_id,
    finding_evidence.frame,
    finding_evidence.line,
    finding.rule_id,
    finding.severity,
    finding.status,
    finding.reason,
    finding.call_no,
    finding_evidence.note
from finding
inner join finding_evidence using (finding_id)
where
    finding.call_no in (select unnest($call_nos))
    and finding.resolved_at is null
    and finding_evidence.source_id is not null
order by finding_evidence.source_id, finding_evidence.frame, finding.rule_id, finding_evidence.ordinal
