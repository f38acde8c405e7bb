/*
One row per call of call_nos, of all calls where that is NULL: whether its media should have bypassed the Mediation Server, whether it
did, and why, in words. `criteria` names the table of their criteria: bypass_criterion, or rows of it that were put aside. The view
bypass_assessment is this for all calls.

Words and evidence are put together only where they are asked for: the verdict itself is in bypass_verdict. The join to the criteria is
left out by the optimizer where calls are counted without a word of why: its right side has one row per call, made by a plain aggregate.
*/
-- noqa: disable=LT02
create or replace macro bypass_assessment_by(criteria, call_nos) as table
with

objection as (
    select
        call_no,
        list({ 'criterion': criterion, 'outcome': outcome, 'detail': detail, 'evidence': evidence }) as objections
    from query_table(criteria)
    where outcome <> 'pass' and (call_nos is null or list_contains(call_nos, call_no))
    group by call_no
),

met as (
    select
        bypass_verdict.*,
        media_path.evidence as path_evidence,
        case
            when media_path.call_no is not null
                then concat_ws(
                    '; ',
                    case when call.answered_ts is null then 'the call was not answered' end,
                    media_path.observed_reason,
                    media_path.signalled_reason
                )
        end as path_words
    from bypass_verdict
    left join media_path on bypass_verdict.call_no = media_path.call_no
    left join call on bypass_verdict.call_no = call.call_no
    where call_nos is null or list_contains(call_nos, bypass_verdict.call_no) -- noqa: RF02
)

select
    met.call_no,
    met.expected,
    met.observed,
    met.verdict,
    met.cause,
    met.cause_detail,
    nullif(
        array_to_string(
            [
                said.criterion || ': ' || said.detail for said in list_sort(objection.objections) if said.outcome = 'fail' -- noqa: RF01
            ],
            '; '
        ),
        ''
    ) as reasons,
    nullif(
        concat_ws(
            '; ',
            case
                when met.expected = 'unknown'
                    then coalesce(
                        array_to_string(
                            list_sort(list_distinct(
                                [said.detail for said in objection.objections if said.outcome = 'unknown'] -- noqa: RF01
                            )),
                            '; '
                        ),
                        'no criterion was judged'
                    )
            end,
            case when met.observed = 'unknown' then 'media path: ' || coalesce(nullif(met.path_words, ''), 'not seen') end
        ),
        ''
    ) as unknown_reason,
    met.path_words as observed_reason,
    list_concat(
        met.path_evidence,
        flatten([said.evidence for said in list_sort(objection.objections)]), -- noqa: RF01
        met.cause_seen
    ) as evidence
from met left join objection on met.call_no = objection.call_no;
