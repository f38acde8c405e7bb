/*
One row per standing finding of calls from $since until $until, at most $most of a rule and status, waived ones last; what concerns no
call belongs to every period. Evidence names files. Worst severity first.
*/
with

standing as (
    select
        finding.*,
        call.started_ts,
        call.caller,
        call.called,
        coalesce(finding.waived_until > $now, false) as waived
    from finding
    left join call using (call_no)
    where
        finding.resolved_at is null
        and (
            finding.call_no is null
            or (($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until))
        )
),

listed as (
    select *
    from standing
    qualify row_number() over (partition by rule_id, status order by waived, started_ts, finding_id) <= $most
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
    left join source using (source_id)
    where finding_evidence.finding_id in (select listed.finding_id from listed)
    group by finding_evidence.finding_id
)

select
    listed.*,
    coalesce(proof.evidence, []) as evidence
from listed
left join proof using (finding_id)
order by
    listed.status,
    list_position(['critical', 'high', 'medium', 'low', 'info'], listed.severity),
    listed.rule_id,
    listed.waived,
    listed.started_ts,
    listed.finding_id
