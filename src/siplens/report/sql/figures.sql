/* One row: the key figures of all calls from $since until $until (NULL: without limit). */
with

chosen as (
    select
        call.*,
        bypass_verdict.expected,
        bypass_verdict.observed,
        bypass_verdict.verdict
    from call
    left join bypass_verdict using (call_no)
    where ($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until)
),

ended as (
    select
        count(*) as calls,
        count(*) filter (where outcome = 'answered') as answered,
        count(distinct peer_ip) as peers,
        count(*) filter (where early_dialogs >= 2) as forked,
        max(early_dialogs) as most_early_dialogs,
        min(started_ts) as first_call,
        max(started_ts) as last_call
    from chosen
),

judged as (
    select
        count(*) filter (where expected = 'pass') as expected,
        count(*) filter (where expected = 'fail') as not_expected,
        count(*) filter (where expected = 'unknown' or expected is null) as expectation_unknown,
        count(*) filter (where expected = 'pass' and observed = 'pass') as expected_bypassed,
        count(*) filter (where expected = 'pass' and observed = 'fail') as expected_mediated,
        count(*) filter (where expected = 'pass' and observed = 'unknown') as expected_unseen,
        count(*) filter (where observed = 'pass') as bypassed,
        count(*) filter (where verdict = 'fail') as verdict_failed,
        count(*) filter (where verdict = 'pass') as verdict_passed
    from chosen
),

streams as (
    select
        count(*) as flows,
        coalesce(sum(media_flow.packets), 0) as packets,
        round(100.0 * sum(greatest(media_flow.lost, 0)) / nullif(sum(media_flow.expected), 0), 2) as loss_pct
    from call_flow
    inner join media_flow using (flow_id)
    where call_flow.call_no in (select chosen.call_no from chosen)
)

select
    ended.*,
    judged.*,
    streams.*
from ended
cross join judged
cross join streams
