/* Calls with at least $forked early dialogs. */
select call_no
from call
where early_dialogs >= cast($forked as integer)
