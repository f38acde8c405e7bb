/*
One row per call: whether its media should have bypassed the Mediation Server, and whether it did. bypass_assessment says it in words.

Expected: pass where all criteria pass, fail where any fails (those are the reasons), else unknown. Observed: what the
capture showed of the media, else what the SDP of both legs agreed on. The next step adds the likeliest cause.
*/
-- needs: call
create or replace table bypass_verdict as
with

-- Materialized: to think each criterion's CASE through once more for one outcome takes longer than to leave out its rows.
judged as materialized (
    select
        call_no,
        criterion,
        outcome
    from bypass_criterion
),

objection as (
    select
        call_no,
        bool_or(outcome = 'fail') as is_failed,
        list(criterion order by criterion) filter (where outcome = 'fail') as failed_criteria,
        list(criterion order by criterion) filter (where outcome = 'unknown') as open_criteria
    from judged
    where outcome <> 'pass'
    group by call_no
),

paths as (
    select
        media_path.call_no,
        case
            when media_path.observed = 'direct' then 'pass'
            when media_path.observed in ('mediated', 'relay') then 'fail'
            when media_path.observed = 'one_way' and coalesce(media_path.via_mediation_packets, 0) > 0 then 'fail'
            when
                media_path.observed = 'one_way'
                and coalesce(media_path.client_to_peer_packets, 0) + coalesce(media_path.peer_to_client_packets, 0) > 0
                then 'pass'
            -- Early dialogs may have agreed on a path, but a call that nobody answered went none.
            when call.answered_ts is null then 'unknown'
            when media_path.signalled = 'direct' then 'pass'
            when media_path.signalled in ('mediated', 'relay') then 'fail'
            else 'unknown'
        end as observed
    from media_path
    inner join call using (call_no)
),

compared as (
    select
        call.call_no,
        case when objection.call_no is null then 'pass' when objection.is_failed then 'fail' else 'unknown' end as expected,
        coalesce(objection.failed_criteria, []) as failed_criteria,
        coalesce(objection.open_criteria, []) as open_criteria,
        coalesce(paths.observed, 'unknown') as observed
    from call
    left join objection on call.call_no = objection.call_no
    left join paths on call.call_no = paths.call_no
)

select
    compared.call_no,
    compared.expected,
    compared.observed,
    case
        when compared.expected = 'unknown' or compared.observed = 'unknown' then 'unknown'
        when compared.expected = compared.observed then 'pass'
        else 'fail'
    end as verdict,
    compared.failed_criteria,
    compared.open_criteria,
    null::varchar as cause,
    null::varchar as cause_detail,
    null::struct(source_id integer, frame bigint, line bigint, note varchar)[] as cause_seen
from compared;

comment on table bypass_verdict is 'One row per call: media bypass expected, observed, and the verdict; bypass_assessment adds the words.';
comment on column bypass_verdict.call_no is 'call.call_no.';
comment on column bypass_verdict.expected is 'bypass_assessment.expected.';
comment on column bypass_verdict.observed is 'bypass_assessment.observed.';
comment on column bypass_verdict.verdict is 'bypass_assessment.verdict.';
comment on column bypass_verdict.failed_criteria is 'Criteria that fail: why bypass is not expected.';
comment on column bypass_verdict.open_criteria is 'Criteria that could not be judged.';
comment on column bypass_verdict.cause is 'bypass_assessment.cause.';
comment on column bypass_verdict.cause_detail is 'bypass_assessment.cause_detail.';
comment on column bypass_verdict.cause_seen is 'Frames and lines that show the cause.';
