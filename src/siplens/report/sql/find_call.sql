/* Call numbers that $wanted may mean: the number itself, a SIP Call-ID of one of its legs, or the beginning of its fingerprint. */
with

meant as (
    select
        call_no,
        1 as rank
    from call
    where call_no = try_cast($wanted as bigint)

    union all

    select
        call_leg.call_no,
        2 as rank
    from call_leg
    inner join leg using (leg_id)
    where leg.call_id = $wanted

    union all

    select
        call_no,
        3 as rank
    from call
    where length($wanted) >= 4 and starts_with(fingerprint, lower($wanted))
)

select call_no
from meant
group by call_no
qualify min(rank) = min(min(rank)) over ()
order by call_no
