/* Calls in the direction $direction: inbound or outbound. */
select call_no
from call
where direction = $direction
