/* Calls that began before $until (UTC). */
select call_no
from call
where started_ts < cast($until as timestamp)
