/* Calls whose bypass verdict is $verdict. */
select call_no
from bypass_verdict
where verdict = $verdict
