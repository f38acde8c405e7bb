/* One row per call and RTP stream: seen by several captures, it is one stream, as the capture with most of its packets saw it. */
-- needs: call_flow
create or replace table call_stream as
with

-- A capture that dropped packets itself cannot tell who lost them.
leaky_capture as (
    select distinct source_id
    from capture_health
    where check_name in ('drops', 'cut_packets', 'corrupt_record', 'flows_bounded')
),

best_view as (
    select
        call_flow.call_no,
        call_flow.from_role,
        call_flow.to_role,
        media_flow.*
    from call_flow
    inner join media_flow using (flow_id)
    qualify
        row_number() over (
            partition by
                call_flow.call_no,
                media_flow.src_ip,
                media_flow.src_port,
                media_flow.dst_ip,
                media_flow.dst_port,
                media_flow.ssrc
            order by media_flow.packets desc, media_flow.flow_id asc
        ) = 1
)

select
    best_view.call_no,
    best_view.flow_id,
    best_view.source_id,
    best_view.first_frame as frame,
    best_view.from_role,
    best_view.to_role,
    best_view.src_ip,
    best_view.src_port,
    best_view.dst_ip,
    best_view.dst_port,
    best_view.ssrc,
    best_view.first_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as first_ts,
    best_view.last_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as last_ts,
    best_view.packets,
    best_view.expected,
    greatest(best_view.lost, 0) as lost,
    100.0 * greatest(best_view.lost, 0) / nullif(best_view.expected, 0) as lost_pct,
    best_view.jitter_mean_ms,
    best_view.jitter_max_ms,
    best_view.max_delta_ms,
    list_reverse_sort(list_transform(
        best_view.payload_types,
        lambda payload: { 'packets': payload.packets, 'codec': coalesce(payload.codec, 'type ' || payload.pt) }  -- noqa: RF01
    ))[1].codec as codec,
    coalesce(list_has_any(list_transform(best_view.payload_types, lambda payload: payload.pt), [13, 19]), false)  -- noqa: RF01, RF02
        as has_comfort_noise,
    best_view.dtmf_events,
    leaky_capture.source_id is not null as is_leaky
from best_view
inner join source on best_view.source_id = source.source_id
left join leaky_capture on best_view.source_id = leaky_capture.source_id;

comment on table call_stream is 'One row per call and RTP stream, as the capture with most of its packets saw it.';
comment on column call_stream.call_no is 'call.call_no.';
comment on column call_stream.flow_id is 'media_flow.flow_id.';
comment on column call_stream.source_id is 'source.source_id of that capture.';
comment on column call_stream.frame is 'Frame of the first packet.';
comment on column call_stream.from_role is 'call_flow.from_role.';
comment on column call_stream.to_role is 'call_flow.to_role.';
comment on column call_stream.src_ip is 'Sender''s address.';
comment on column call_stream.src_port is 'Sender''s port.';
comment on column call_stream.dst_ip is 'Receiver''s address.';
comment on column call_stream.dst_port is 'Receiver''s port.';
comment on column call_stream.ssrc is 'media_flow.ssrc.';
comment on column call_stream.first_ts is 'First packet, on the reference clock (UTC).';
comment on column call_stream.last_ts is 'Last packet, on the reference clock (UTC).';
comment on column call_stream.packets is 'media_flow.packets.';
comment on column call_stream.expected is 'media_flow.expected.';
comment on column call_stream.lost is 'media_flow.lost, not below 0.';
comment on column call_stream.lost_pct is 'Packets lost of those expected, in percent.';
comment on column call_stream.jitter_mean_ms is 'media_flow.jitter_mean_ms.';
comment on column call_stream.jitter_max_ms is 'media_flow.jitter_max_ms.';
comment on column call_stream.max_delta_ms is 'media_flow.max_delta_ms.';
comment on column call_stream.codec is 'Codec of most of its packets.';
comment on column call_stream.has_comfort_noise is
'True where it carried comfort noise (payload types 13, 19): its sender is silent at times.';
comment on column call_stream.dtmf_events is 'media_flow.dtmf_events.';
comment on column call_stream.is_leaky is 'True where the capture dropped or cut packets itself: loss and gaps may be its own.';
