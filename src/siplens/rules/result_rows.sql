/* Every row of rule_result with its evidence as places in files: a message's number becomes its file and frame or line. */
with

given as (
    select
        null::struct(source_id integer, frame bigint, line bigint, note varchar, message_id bigint)[] as evidence,
        null::varchar as subject_id
    where false
    union all by name
    select * from rule_result
),

pieces as (
    select
        subject_id,
        unnest(evidence) as piece,
        unnest(range(1, len(evidence) + 1)) as ordinal
    from given
),

placed as (
    select
        pieces.subject_id,
        list({
            'source_id': coalesce(pieces.piece.source_id, message.source_id),
            'frame': coalesce(pieces.piece.frame, message.frame),
            'line': coalesce(pieces.piece.line, message.line),
            'note': pieces.piece.note
        } order by pieces.ordinal) as evidence
    from pieces
    left join message on pieces.piece.message_id = message.message_id
    where pieces.piece.source_id is not null or message.source_id is not null
    group by pieces.subject_id
)

select
    rule_result.* exclude (evidence),
    coalesce(placed.evidence, []) as evidence
from rule_result
left join placed on rule_result.subject_id::varchar = placed.subject_id
order by rule_result.subject_id
