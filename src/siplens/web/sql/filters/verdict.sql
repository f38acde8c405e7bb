/* Calls whose bypass verdict is $verdict. */
select call_no
from bypass_assessment
where verdict = $verdict
