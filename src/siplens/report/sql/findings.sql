/* One row per standing finding, worst first; evidence names files. $call_nos NULL: of all calls. */
with

standing as (
    select *
    from finding
    where resolved_at is null and ($call_nos is null or list_contains($call_nos, call_no))
),

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
    semi join standing on finding_evidence.finding_id = standing.finding_id
    left join source on finding_evidence.source_id = source.source_id
    group by finding_evidence.finding_id
)

select
    standing.*,
    coalesce(proof.evidence, []) as evidence,
    call.started_ts,
    call.caller,
    call.called
from standing
left join proof using (finding_id)
left join call using (call_no)
order by
    standing.status,
    list_position(['critical', 'high', 'medium', 'low', 'info'], standing.severity),
    standing.rule_id,
    call.started_ts,
    standing.finding_id
