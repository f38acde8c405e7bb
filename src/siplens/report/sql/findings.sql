/* One row per standing finding, worst first; evidence names files. $call_nos NULL: of all calls. */
with

proof as (
    select
        finding_evidence.finding_id,
        list({
            'file': regexp_extract(source.path, '[^/\\]+$'),
            'sha256': source.sha256,
            'frame': finding_evidence.frame,
            'line': finding_evidence.line,
            'note': finding_evidence.note
        } order by finding_evidence.ordinal) as evidence
    from finding_evidence
    left join source using (source_id)
    group by finding_evidence.finding_id
)

select
    finding.*,
    coalesce(proof.evidence, []) as evidence,
    call.started_ts,
    call.caller,
    call.called
from finding
left join proof using (finding_id)
left join call using (call_no)
where
    finding.resolved_at is null
    and ($call_nos is null or finding.call_no in (select unnest($call_nos)))
order by
    finding.status,
    list_position(['critical', 'high', 'medium', 'low', 'info'], finding.severity),
    finding.rule_id,
    call.started_ts,
    finding.finding_id
