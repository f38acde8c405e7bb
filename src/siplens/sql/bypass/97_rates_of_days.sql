/*
One row per day by the clock of the time zone, scope and measure, with the rate and its 95 % Wilson interval: calls at hand, calls
that were pruned, and what the rules judged. Of the last two only the days of UTC were kept: they are those also in another time zone.
Cases that could not be decided are in no rate.
*/
-- noqa: disable=LT02
create or replace macro rates_of_days(zone) as table
with

figures as (
    select *
    from daily_figure
    where zone = 'UTC' -- noqa: RF02
    union all by name
    select *
    from figures_of_days(zone)
    where zone <> 'UTC' -- noqa: RF02
    union all by name
    select *
    from past_figure
    union all by name
    select
        day,
        'rule' as scope,
        rule_id as name,
        'failed' as measure,
        failed as hits,
        passed + failed as total,
        unknown
    from rule_day
),

summed as (
    select
        day,
        scope,
        name,
        measure,
        sum(hits)::bigint as hits,
        sum(total)::bigint as total,
        sum(unknown)::bigint as unknown
    from figures
    group by day, scope, name, measure
)

select
    *,
    hits / nullif(total, 0) as rate,
    wilson_low(hits, total) as low,
    wilson_high(hits, total) as high
from summed;
