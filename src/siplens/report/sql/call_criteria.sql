/* One row per bypass criterion of the call $call_no, failed ones first; evidence names files. */
with

assessed as (
    select *
    from bypass_criterion
    where call_no = $call_no
),

pieces as (
    select
        criterion,
        unnest(evidence) as piece
    from assessed
),

proof as (
    select
        pieces.criterion,
        list({
            'file': regexp_extract(source.path, '[^/\\]+$'),
            'frame': pieces.piece.frame,
            'line': pieces.piece.line,
            'note': pieces.piece.note
        }) as evidence
    from pieces
    left join source on pieces.piece.source_id = source.source_id
    group by pieces.criterion
)

select
    assessed.criterion,
    criterion.title,
    criterion.document,
    criterion.requirement,
    assessed.outcome,
    assessed.detail,
    coalesce(proof.evidence, []) as evidence
from assessed
left join criterion using (criterion)
left join proof using (criterion)
order by list_position(['fail', 'unknown', 'pass'], assessed.outcome), assessed.criterion
