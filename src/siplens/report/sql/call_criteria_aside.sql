/* One row per bypass criterion of the calls $call_nos, put aside for this connection: planning the view takes longer than all that is
   then asked of these rows. */
create or replace temporary table asked_criterion as
select *
from bypass_criterion
where list_contains($call_nos, call_no)
