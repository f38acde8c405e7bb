/* One row per expectation and observation of bypass, with the number of calls from $since until $until. */
select
    coalesce(bypass_verdict.expected, 'unknown') as expected,
    coalesce(bypass_verdict.observed, 'unknown') as observed,
    count(*) as calls
from call
left join bypass_verdict using (call_no)
where ($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until)
group by 1, 2
order by 1, 2
