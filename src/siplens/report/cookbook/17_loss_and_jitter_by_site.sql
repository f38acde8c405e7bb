/* How good is media, by the sender's site? */
select
    coalesce(host_place.site, '(no site)') as site,
    count(distinct call_flow.call_no) as calls,
    sum(media_flow.packets) as packets,
    round(100.0 * sum(greatest(media_flow.lost, 0)) / nullif(sum(media_flow.expected), 0), 2) as loss_pct,
    round(max(media_flow.jitter_max_ms), 1) as worst_jitter_ms
from call_flow
inner join media_flow using (flow_id)
left join host_place on media_flow.src_ip = host_place.ip
group by all
order by loss_pct desc nulls last, site asc
