/* Which calls should have bypassed and did not, or bypassed against policy, and what is the likeliest cause? */
select
    call.call_no,
    call.started_ts,
    call.direction,
    call.caller,
    call.called,
    call.peer_ip,
    bypass_assessment.expected,
    bypass_assessment.observed,
    bypass_assessment.cause
from call
inner join bypass_assessment using (call_no)
where bypass_assessment.verdict = 'fail'
order by call.started_ts, call.call_no
