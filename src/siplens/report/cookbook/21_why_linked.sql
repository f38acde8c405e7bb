/* Why were two legs taken for one call? Every candidate pair, with the test it passed and its score. */
select
    call_leg.call_no,
    leg_link.leg_a,
    leg_link.leg_b,
    leg_link.test,
    leg_link.score,
    leg_link.chosen,
    leg_link.detail
from leg_link
left join call_leg on leg_link.leg_a = call_leg.leg_id
order by leg_link.chosen desc, leg_link.score desc, leg_link.leg_a asc
limit 200
