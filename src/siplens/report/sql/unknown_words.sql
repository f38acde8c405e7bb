/* One row per call of $call_nos that could not be judged: what is not known of it, and why. */
select
    call_no,
    unknown_reason as reason
from bypass_assessment_by('bypass_criterion', $call_nos)
where verdict = 'unknown'
order by call_no
