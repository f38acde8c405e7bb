/* One row per expectation and observation of bypass, with the number of calls from $since until $until. */
select
    coalesce(bypass_assessment.expected, 'unknown') as expected,
    coalesce(bypass_assessment.observed, 'unknown') as observed,
    count(*) as calls
from call
left join bypass_assessment using (call_no)
where ($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until)
group by 1, 2
order by 1, 2
