/* One row per bypass criterion of the calls $call_nos, failed ones first; evidence names files.
   call_criteria_aside comes before. */
with

pieces as (
    select
        call_no,
        criterion,
        unnest(evidence) as piece
    from asked_criterion
),

proof as (
    select
        pieces.call_no,
        pieces.criterion,
        list({
            'file': regexp_extract(source.path, '[^/\\]+$'),
            'frame': pieces.piece.frame,
            'line': pieces.piece.line,
            'note': pieces.piece.note
        }) as evidence
    from pieces
    left join source on pieces.piece.source_id = source.source_id
    group by pieces.call_no, pieces.criterion
)

select
    assessed.call_no,
    assessed.criterion,
    criterion.title,
    criterion.document,
    criterion.requirement,
    assessed.outcome,
    assessed.detail,
    coalesce(proof.evidence, []) as evidence
from asked_criterion as assessed
left join criterion using (criterion)
left join proof using (call_no, criterion)
where list_contains($call_nos, assessed.call_no)
order by assessed.call_no, list_position(['fail', 'unknown', 'pass'], assessed.outcome), assessed.criterion
