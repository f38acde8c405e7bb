/*
One row per scope, name and measure with calls from $since until just before $until (days by the clock of $zone) or in the as many days
before: the rate in both periods with its 95 % Wilson interval, and whether the change is more than chance.

A change is marked only where the 95 % interval of the difference, made of both Wilson intervals (R. G. Newcombe, Statistics in
Medicine 17, 1998, method 10), leaves zero out. Calls of one day are not quite independent of each other: read a mark as a reason to look.
*/
with

measures as (
    select
        unnest(['answered', 'bypass_as_expected', 'bypassed', 'one_way', 'failed']) as measure,
        -- Whether more of it is better. Whether a call bypasses is neither: the decision says what is right.
        unnest(['more', 'more', 'neither', 'less', 'less']) as better,
        unnest([1, 2, 3, 4, 5]) as place
),

counted as (
    select
        scope,
        name,
        measure,
        coalesce(sum(hits) filter (where day >= $since), 0)::bigint as hits,
        coalesce(sum(total) filter (where day >= $since), 0)::bigint as total,
        coalesce(sum(unknown) filter (where day >= $since), 0)::bigint as unknown,
        coalesce(sum(hits) filter (where day < $since), 0)::bigint as hits_before,
        coalesce(sum(total) filter (where day < $since), 0)::bigint as total_before
    from rates_of_days($zone)
    where
        day < $until
        and day >= $since - (cast($until as date) - cast($since as date))::integer
    group by scope, name, measure
),

rated as (
    select
        *,
        hits / nullif(total, 0) as rate,
        wilson_low(hits, total) as low,
        wilson_high(hits, total) as high,
        hits_before / nullif(total_before, 0) as rate_before,
        wilson_low(hits_before, total_before) as low_before,
        wilson_high(hits_before, total_before) as high_before
    from counted
    where total + total_before + unknown > 0
),

compared as (
    select
        *,
        rate - rate_before as change,
        rate - rate_before - sqrt((rate - low) ** 2 + (high_before - rate_before) ** 2) as change_low,
        rate - rate_before + sqrt((high - rate) ** 2 + (rate_before - low_before) ** 2) as change_high
    from rated
)

select
    compared.scope,
    compared.name,
    compared.measure,
    compared.hits,
    compared.total,
    compared.unknown,
    compared.rate,
    compared.low,
    compared.high,
    compared.hits_before,
    compared.total_before,
    compared.rate_before,
    compared.low_before,
    compared.high_before,
    compared.change,
    compared.change_low,
    compared.change_high,
    case
        when compared.change is null then 'no comparison'
        when compared.change_low <= 0 and compared.change_high >= 0 then 'no change to be told'
        when measures.better = 'neither' then if(compared.change > 0, 'more', 'less')
        when (compared.change > 0) = (measures.better = 'more') then 'better'
        else 'worse'
    end as mark
from compared
inner join measures using (measure)
order by
    list_position(['all', 'trunk', 'site', 'peer', 'rule'], compared.scope),
    compared.name,
    measures.place
