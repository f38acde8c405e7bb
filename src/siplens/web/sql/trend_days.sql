/* One row per day (UTC): calls, how many were expected to bypass, and how many of those did. */
select
    cast(call.started_ts as date) as day,
    count(*) as calls,
    count(*) filter (where bypass_assessment.expected = 'pass') as expected,
    count(*) filter (where bypass_assessment.expected = 'pass' and bypass_assessment.observed = 'pass') as bypassed,
    count(*) filter (where bypass_assessment.verdict = 'fail') as failed,
    count(*) filter (where bypass_assessment.verdict = 'unknown') as unknown
from call
inner join bypass_assessment using (call_no)
where call.started_ts is not null
group by day
order by day desc
limit 400
