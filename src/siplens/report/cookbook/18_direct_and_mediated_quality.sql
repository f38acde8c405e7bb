/* Do calls sound better when they bypass? Loss and jitter of direct and of mediated media. */
select
    media_path.observed as path,
    count(distinct call_flow.call_no) as calls,
    sum(media_flow.packets) as packets,
    round(100.0 * sum(greatest(media_flow.lost, 0)) / nullif(sum(media_flow.expected), 0), 3) as loss_pct,
    round(avg(media_flow.jitter_mean_ms), 2) as mean_jitter_ms
from media_path
inner join call_flow using (call_no)
inner join media_flow using (flow_id)
group by all
order by calls desc, path asc
