/* One row per day (UTC): calls, how many were expected to bypass, and how many of those did. */
select
    cast(call.started_ts as date) as day,
    count(*) as calls,
    count(*) filter (where bypass_verdict.expected = 'pass') as expected,
    count(*) filter (where bypass_verdict.expected = 'pass' and bypass_verdict.observed = 'pass') as bypassed,
    count(*) filter (where bypass_verdict.verdict = 'fail') as failed,
    count(*) filter (where bypass_verdict.verdict = 'unknown') as unknown
from call
inner join bypass_verdict using (call_no)
where call.started_ts is not null
group by day
order by day desc
limit 400
