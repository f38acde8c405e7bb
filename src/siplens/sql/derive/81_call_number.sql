/* Numbers the calls that have no number yet, in order of time. A call keeps the lowest number that one of its legs ever had. */
-- needs: call_group
insert into call_number
with

known as (
    select
        call_group.root_id,
        min(leg.started_ts) as started_ts,
        min(call_number.call_no) as call_no
    from call_group
    inner join leg on call_group.leg_id = leg.leg_id
    left join call_number on call_group.fingerprint = call_number.leg_fingerprint
    group by call_group.root_id
),

-- Better evidence may part what was one call: the earlier part keeps the number.
kept as (
    select
        root_id,
        started_ts,
        if(row_number() over (partition by call_no order by started_ts, root_id) = 1, call_no, null) as call_no
    from known
),

highest as (
    select coalesce(max(call_no), 0) as call_no
    from call_number
),

numbered as (
    select
        kept.root_id,
        coalesce(
            kept.call_no,
            highest.call_no + row_number() over (partition by kept.call_no is null order by kept.started_ts, kept.root_id)
        ) as call_no
    from kept
    cross join highest
)

select
    call_group.fingerprint as leg_fingerprint,
    numbered.call_no
from call_group
inner join numbered on call_group.root_id = numbered.root_id
left join call_number on call_group.fingerprint = call_number.leg_fingerprint
where call_number.call_no is distinct from numbered.call_no
on conflict (leg_fingerprint) do update set call_no = excluded.call_no;
