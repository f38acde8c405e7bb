/* How long do callers wait for the first answer of any kind, by peer? Milliseconds from INVITE to the first 18x. */
with

first_ring as (
    select
        dialog.leg_id,
        min(dialog.first_ts) as ring_ts
    from dialog
    where dialog.first_status > 100
    group by dialog.leg_id
),

waits as (
    select
        leg.peer_ip,
        date_diff('millisecond', leg.started_ts, first_ring.ring_ts) as wait_ms
    from leg
    inner join first_ring using (leg_id)
)

select
    peer_ip,
    count(*) as legs,
    median(wait_ms) as median_ms,
    quantile_cont(wait_ms, 0.95) as p95_ms,
    max(wait_ms) as longest_ms
from waits
group by all
order by p95_ms desc, peer_ip asc
