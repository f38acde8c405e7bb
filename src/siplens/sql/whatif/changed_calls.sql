/* One row per call of which bypass is expected otherwise than before, $most of them at most: before, after, and which criteria changed. */
with

changed as (
    select
        before.call_no,
        before.expected as expected_before,
        after.expected as expected_after,
        before.verdict as verdict_before,
        after.verdict as verdict_after,
        after.observed
    from base.main.bypass_verdict as before
    inner join main.bypass_verdict as after on before.call_no = after.call_no
    where before.expected <> after.expected
    order by before.call_no
    limit $most
),

outcome as (
    select
        before.call_no,
        string_agg(
            concat(before.criterion, ' ', before.outcome, ' → ', after.outcome, ': ', after.detail), '; ' order by before.criterion
        ) as why
    from base.main.bypass_criterion as before
    inner join main.bypass_criterion as after on before.call_no = after.call_no and before.criterion = after.criterion
    where
        before.outcome <> after.outcome
        and before.call_no in (select changed.call_no from changed)
        and after.call_no in (select changed.call_no from changed)
    group by before.call_no
)

select
    changed.call_no,
    call.started_ts as started,
    call.direction,
    bypass_input.trunk,
    bypass_input.client_site as site,
    changed.expected_before,
    changed.expected_after,
    changed.observed,
    changed.verdict_before,
    changed.verdict_after,
    outcome.why
from changed
inner join call using (call_no)
left join main.bypass_input on changed.call_no = bypass_input.call_no
left join outcome on changed.call_no = outcome.call_no
order by changed.call_no
