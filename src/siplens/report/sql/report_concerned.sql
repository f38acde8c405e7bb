/* One row: how many calls from $since until $until have a standing finding that failed. */
select count(distinct call.call_no) as calls
from finding
inner join call using (call_no)
where
    finding.status = 'fail'
    and finding.resolved_at is null
    and ($since is null or call.started_ts >= $since)
    and ($until is null or call.started_ts < $until)
