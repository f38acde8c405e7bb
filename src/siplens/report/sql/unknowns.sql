/* One row per reason why calls from $since until $until could not be judged, most frequent first. */
select
    bypass_assessment.unknown_reason as reason,
    count(*) as calls,
    list(bypass_assessment.call_no order by bypass_assessment.call_no) as call_nos
from bypass_assessment
inner join call using (call_no)
where
    bypass_assessment.verdict = 'unknown'
    and ($since is null or call.started_ts >= $since)
    and ($until is null or call.started_ts < $until)
group by bypass_assessment.unknown_reason
order by calls desc, reason asc
