/* One row per standing finding with the status $status, of the rule $rule (NULL: of any), worst first:
   $rows of them after the first $first. */
with

page as (
    select *
    from finding
    where resolved_at is null and status = $status and ($rule is null or rule_id = $rule)
    order by
        list_position(['critical', 'high', 'medium', 'low', 'info'], severity) asc,
        rule_id asc,
        call_no asc,
        finding_id asc
    limit $rows offset $first
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
    where finding_evidence.finding_id in (select page.finding_id from page)
    group by finding_evidence.finding_id
)

select
    page.*,
    coalesce(proof.evidence, []) as evidence,
    call.started_ts,
    call.caller,
    call.called
from page
left join proof using (finding_id)
left join call using (call_no)
order by
    list_position(['critical', 'high', 'medium', 'low', 'info'], page.severity) asc,
    page.rule_id asc,
    page.call_no asc,
    page.finding_id asc
