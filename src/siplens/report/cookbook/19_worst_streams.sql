/* Which RTP streams lost the most, and where in the capture are they? */
select
    call_flow.call_no,
    media_flow.src_ip,
    media_flow.dst_ip,
    media_flow.packets,
    media_flow.lost,
    round(100.0 * media_flow.lost / media_flow.expected, 2) as loss_pct,
    round(media_flow.jitter_max_ms, 1) as jitter_max_ms,
    round(media_flow.max_delta_ms, 0) as max_delta_ms,
    media_flow.first_frame
from media_flow
left join call_flow using (flow_id)
where media_flow.expected >= 100
order by loss_pct desc, media_flow.packets desc
limit 50
