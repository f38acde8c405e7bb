/* One row per RTP stream of the calls $call_nos. */
with

own as (
    select flow_id
    from call_flow
    where list_contains($call_nos, call_no)
),

named as (
    select
        flow_id,
        list_transform(payload_types, lambda p: coalesce(p['codec'], 'payload type ' || p['pt'])) as codecs
    from media_flow
    where flow_id in (from own)
)

select
    call_flow.call_no,
    call_flow.from_role,
    call_flow.to_role,
    call_flow.matched_by,
    media_flow.flow_id,
    media_flow.source_id,
    regexp_extract(source.path, '[^/\\]+$') as file,
    media_flow.first_frame,
    media_flow.last_frame,
    media_flow.first_ts + coalesce(source.clock_offset_ms, 0) * interval 1 millisecond as first_ts,
    media_flow.last_ts + coalesce(source.clock_offset_ms, 0) * interval 1 millisecond as last_ts,
    media_flow.src_ip,
    media_flow.src_port,
    media_flow.dst_ip,
    media_flow.dst_port,
    media_flow.ssrc,
    media_flow.packets,
    media_flow.expected,
    media_flow.lost,
    case
        when media_flow.expected > 0 then round(100.0 * greatest(media_flow.lost, 0) / media_flow.expected, 2)
    end as loss_pct,
    round(media_flow.jitter_mean_ms, 1) as jitter_mean_ms,
    round(media_flow.jitter_max_ms, 1) as jitter_max_ms,
    round(media_flow.max_delta_ms, 0) as max_delta_ms,
    named.codecs
from call_flow
inner join media_flow using (flow_id)
inner join named using (flow_id)
inner join source on media_flow.source_id = source.source_id
where list_contains($call_nos, call_flow.call_no)
order by call_flow.call_no, media_flow.first_ts, media_flow.flow_id
