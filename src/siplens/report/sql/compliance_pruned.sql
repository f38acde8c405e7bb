/* One row: calls of the days from $first_day until just before $last_day (UTC; NULL: all) that were pruned: only rates of days are left. */
select coalesce(sum(total), 0)::bigint as calls
from past_figure
where
    scope = 'all'
    and measure = 'answered'
    and ($first_day is null or day >= $first_day)
    and ($last_day is null or day < $last_day)
