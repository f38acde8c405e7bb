/*
One row per day, scope and measure, with the rate and its 95 % Wilson interval: calls at hand, calls that
were pruned, and what the rules judged. Cases that could not be decided are in no rate.
*/
create or replace view daily_rate as
with

figures as (
    select *
    from daily_figure
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

comment on view daily_rate is 'One row per day (UTC), scope and measure: a rate with its 95 % Wilson interval, pruned calls too.';
comment on column daily_rate.day is 'Day (UTC).';
comment on column daily_rate.scope is 'all, trunk, site, peer or rule.';
comment on column daily_rate.name is 'Which trunk, site, peer or rule.';
comment on column daily_rate.measure is 'answered, bypass_as_expected, bypassed, one_way; failed for a rule.';
comment on column daily_rate.hits is 'Cases that show it.';
comment on column daily_rate.total is 'Cases that could be decided: the denominator.';
comment on column daily_rate.unknown is 'Cases that could not be decided; in no rate.';
comment on column daily_rate.rate is 'hits / total; NULL where nothing could be decided.';
comment on column daily_rate.low is 'Lower end of its 95 % Wilson interval.';
comment on column daily_rate.high is 'Upper end.';
