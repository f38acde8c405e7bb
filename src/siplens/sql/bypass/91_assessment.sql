/*
One row per call: whether its media should have bypassed the Mediation Server, whether it did, and why, in words.

Words and evidence are put together only where they are asked for: the verdict itself is in bypass_verdict. A join whose columns nobody
asks for is left out by the optimizer, for its right side has one row per call.
*/
create or replace view bypass_assessment as
with

objection as (
    select
        call_no,
        string_agg(criterion || ': ' || detail, '; ' order by criterion) filter (where outcome = 'fail') as reasons,
        string_agg(distinct detail, '; ' order by detail) filter (where outcome = 'unknown') as open_questions,
        flatten(list(evidence order by criterion)) as evidence
    from bypass_criterion
    where outcome <> 'pass'
    group by call_no
),

path as (
    select
        media_path.call_no,
        any_value(concat_ws(
            '; ',
            case when call.answered_ts is null then 'the call was not answered' end,
            media_path.observed_reason,
            media_path.signalled_reason
        )) as words,
        any_value(media_path.evidence) as evidence
    from media_path
    inner join call using (call_no)
    group by media_path.call_no
)

select
    bypass_verdict.call_no,
    bypass_verdict.expected,
    bypass_verdict.observed,
    bypass_verdict.verdict,
    bypass_verdict.cause,
    bypass_verdict.cause_detail,
    objection.reasons,
    nullif(
        concat_ws(
            '; ',
            case when bypass_verdict.expected = 'unknown' then coalesce(objection.open_questions, 'no criterion was judged') end,
            case when bypass_verdict.observed = 'unknown' then 'media path: ' || coalesce(nullif(path.words, ''), 'not seen') end
        ),
        ''
    ) as unknown_reason,
    path.words as observed_reason,
    list_concat(
        path.evidence,
        objection.evidence,
        bypass_verdict.cause_seen
    ) as evidence
from bypass_verdict
left join objection on bypass_verdict.call_no = objection.call_no
left join path on bypass_verdict.call_no = path.call_no;

comment on view bypass_assessment is 'One row per call: media bypass expected, observed, and the verdict.';
comment on column bypass_assessment.call_no is 'call.call_no.';
comment on column bypass_assessment.expected is
'pass: all criteria pass; fail: one fails, bypass must not happen; unknown: it cannot be told.';
comment on column bypass_assessment.observed is
'pass: media was seen or negotiated directly; fail: through the Mediation Server or a relay; unknown.';
comment on column bypass_assessment.verdict is
'pass: as expected; fail: otherwise than expected; unknown: one of the two is not known.';
comment on column bypass_assessment.cause is
'Likeliest cause where expected and observed differ, or unknown; NULL where there is nothing to explain. See cause_detail.';
comment on column bypass_assessment.cause_detail is 'The cause with its values.';
comment on column bypass_assessment.reasons is
'Failing criteria with their details: why bypass is not expected. NULL where none fails.';
comment on column bypass_assessment.unknown_reason is 'What is not known, and why. NULL in a verdict of pass or fail.';
comment on column bypass_assessment.observed_reason is 'How the media path was told.';
comment on column bypass_assessment.evidence is
'Frames and lines behind the verdict: media path, criteria that did not pass, cause.';

comment on view bypass_criterion is 'One row per call and criterion of the bypass decision.';
comment on column bypass_criterion.call_no is 'call.call_no.';
comment on column bypass_criterion.criterion is 'criterion.criterion.';
comment on column bypass_criterion.outcome is 'pass, fail or unknown.';
comment on column bypass_criterion.detail is 'The values that decided it, in a sentence.';
comment on column bypass_criterion.evidence is 'Frames of the capture and lines of the configuration used.';
