/* Calls whose failed verdict has the likeliest cause $cause. */
select call_no
from bypass_verdict
where cause = $cause
