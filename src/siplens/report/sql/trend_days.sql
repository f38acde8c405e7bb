/* One row per day by the clock of $zone from $since until just before $until, scope, name and measure, with its rate and interval. */
select
    scope,
    name,
    measure,
    day,
    hits,
    total,
    unknown,
    rate,
    low,
    high
from rates_of_days($zone)
where day >= $since and day < $until
order by
    list_position(['all', 'trunk', 'site', 'peer', 'rule'], scope),
    name,
    measure,
    day
