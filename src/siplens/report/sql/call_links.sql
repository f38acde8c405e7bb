/* One row per candidate pair of legs that concerns the call $call_no: why its legs were joined, or not. */
with

own as (
    select leg_id
    from call_leg
    where call_no = $call_no
)

select
    leg_link.*,
    leg_a.call_id as call_id_a,
    leg_b.call_id as call_id_b
from leg_link
inner join leg as leg_a on leg_link.leg_a = leg_a.leg_id
inner join leg as leg_b on leg_link.leg_b = leg_b.leg_id
where
    leg_link.leg_a in (from own)
    or leg_link.leg_b in (from own)
order by leg_link.chosen desc, leg_link.score desc, leg_link.leg_a asc, leg_link.leg_b asc
