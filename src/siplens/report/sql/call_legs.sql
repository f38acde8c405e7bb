/* One row per leg of the calls $call_nos. */
select
    call_leg.call_no,
    leg.*,
    call_leg.side as call_side
from call_leg
inner join leg using (leg_id)
where list_contains($call_nos, call_leg.call_no)
order by call_leg.call_no, leg.started_ts, leg.leg_id
