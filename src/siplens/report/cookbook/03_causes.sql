/* What are the likeliest causes of failed verdicts, and at which peers? */
select
    bypass_assessment.cause,
    coalesce(call.peer_ip, '(unknown)') as peer_ip,
    count(*) as calls,
    min(call.started_ts) as first_call,
    max(call.started_ts) as last_call
from call
inner join bypass_assessment using (call_no)
where bypass_assessment.verdict = 'fail'
group by all
order by calls desc, bypass_assessment.cause asc, peer_ip asc
