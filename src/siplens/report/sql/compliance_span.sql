/* One row: the first and last call from $since until $until. */
select
    min(started_ts) as first_call,
    max(started_ts) as last_call
from call
where ($since is null or started_ts >= $since) and ($until is null or started_ts < $until)
