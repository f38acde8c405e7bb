/* One row per bypass criterion of the calls $call_nos: what decided it, in words. */
select
    call_no,
    criterion,
    detail
from bypass_criterion
where list_contains($call_nos, call_no)
order by call_no, criterion
