/* One row per leg of the calls $call_nos. */
select
    call_leg.call_no,
    leg.*,
    call_leg.side as call_side
from call_leg
inner join leg using (leg_id)
where call_leg.call_no in (select unnest($call_nos))
order by call_leg.call_no, leg.started_ts, leg.leg_id
