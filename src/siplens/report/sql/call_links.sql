/* One row per call of $call_nos and candidate pair of legs that concerns it: why its legs were joined, or not. */
with

own as (
    select
        call_no,
        leg_id
    from call_leg
    where call_no in (select unnest($call_nos))
),

concerned as (
    select
        own.call_no,
        leg_link.*
    from own
    inner join leg_link on own.leg_id = leg_link.leg_a
    union
    select
        own.call_no,
        leg_link.*
    from own
    inner join leg_link on own.leg_id = leg_link.leg_b
)

select
    concerned.*,
    leg_a.call_id as call_id_a,
    leg_b.call_id as call_id_b
from concerned
inner join leg as leg_a on concerned.leg_a = leg_a.leg_id
inner join leg as leg_b on concerned.leg_b = leg_b.leg_id
order by concerned.call_no asc, concerned.chosen desc, concerned.score desc, concerned.leg_a asc, concerned.leg_b asc
