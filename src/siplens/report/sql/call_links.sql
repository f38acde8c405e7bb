/* One row per candidate pair of legs that concerns the call $call_no: why its legs were joined, or not. */
select
    leg_link.*,
    leg_a.call_id as call_id_a,
    leg_b.call_id as call_id_b
from leg_link
inner join leg as leg_a on leg_a.leg_id = leg_link.leg_a
inner join leg as leg_b on leg_b.leg_id = leg_link.leg_b
where
    leg_link.leg_a in (select leg_id from call_leg where call_no = $call_no)
    or leg_link.leg_b in (select leg_id from call_leg where call_no = $call_no)
order by leg_link.chosen desc, leg_link.score desc, leg_link.leg_a, leg_link.leg_b
