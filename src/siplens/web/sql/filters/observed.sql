/* Calls whose media was observed to go directly ($observed: pass), not directly (fail), or where that is unknown. */
select call_no
from bypass_verdict
where observed = $observed
