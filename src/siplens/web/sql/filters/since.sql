/* Calls that began at $since (UTC) or later. */
select call_no
from call
where started_ts >= cast($since as timestamp)
