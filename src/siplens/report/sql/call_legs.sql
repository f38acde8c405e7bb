/* One row per leg of the call $call_no. */
select
    leg.*,
    call_leg.side as call_side
from call_leg
inner join leg using (leg_id)
where call_leg.call_no = $call_no
order by leg.started_ts, leg.leg_id
