/* Keeps the daily figures of the calls that were dropped: those before, less those of the calls that are left. */
insert into part.past_figure by name
with

change as (
    select *
    from live.daily_figure
    union all
    select
        day,
        scope,
        name,
        measure,
        -hits as hits,
        -total as total,
        -unknown as unknown
    from part.daily_figure
)

select
    day,
    scope,
    name,
    measure,
    sum(hits)::bigint as hits,
    sum(total)::bigint as total,
    sum(unknown)::bigint as unknown
from change
group by day, scope, name, measure
having sum(total) <> 0 or sum(unknown) <> 0
