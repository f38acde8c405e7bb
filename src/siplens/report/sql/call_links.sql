/* One row per call of $call_nos and candidate pair of legs that concerns it: why its legs were joined, or not. */
with

own as (
    select
        call_no,
        leg_id
    from call_leg
    where list_contains($call_nos, call_no)
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
),

legs as (
    select
        leg_id,
        call_id
    from leg
    where leg_id in (select unnest([concerned.leg_a, concerned.leg_b]) from concerned)
)

select
    concerned.*,
    leg_a.call_id as call_id_a,
    leg_b.call_id as call_id_b
from concerned
inner join legs as leg_a on concerned.leg_a = leg_a.leg_id
inner join legs as leg_b on concerned.leg_b = leg_b.leg_id
order by concerned.call_no asc, concerned.chosen desc, concerned.score desc, concerned.leg_a asc, concerned.leg_b asc
