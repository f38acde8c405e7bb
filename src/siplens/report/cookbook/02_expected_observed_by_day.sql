/* How often was bypass expected, and how often observed, per day? */
select
    cast(call.started_ts as date) as day,
    bypass_assessment.expected,
    bypass_assessment.observed,
    count(*) as calls
from call
inner join bypass_assessment using (call_no)
group by all
order by all
