/* Calls that ended with $outcome. */
select call_no
from call
where outcome = $outcome
