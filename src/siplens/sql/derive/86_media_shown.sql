/* One row per call, way and direction of media that its captures demonstrably show: by other calls' streams, or by RTCP. */
-- needs: call_capture
create or replace table media_shown as
with

way as (
    select
        call_flow.source_id,
        call_flow.from_role,
        call_flow.to_role,
        if(call_flow.from_role = 'peer', media_flow.src_ip, media_flow.dst_ip) as peer_media_ip,
        min(call_flow.call_no) as lowest_call_no,
        max(call_flow.call_no) as highest_call_no
    from call_flow
    inner join media_flow using (flow_id)
    where call_flow.from_role || ' ' || call_flow.to_role in ('client peer', 'peer client', 'mediation peer', 'peer mediation')
    group by all
),

own_media as (
    select distinct
        call_no,
        source_id
    from call_flow
),

-- The same gateway's streams; another gateway's will do where the capture shows media of this very call the other way.
by_other_calls as (
    select
        call_capture.call_no,
        'client' in (way.from_role, way.to_role) as is_direct,
        way.from_role = 'peer' as from_peer,
        format('source {} shows such streams of other calls at {}', way.source_id, way.peer_media_ip) as reason
    from call_capture
    inner join call on call_capture.call_no = call.call_no
    inner join way on call_capture.source_id = way.source_id
    left join own_media on call_capture.call_no = own_media.call_no and call_capture.source_id = own_media.source_id
    where
        (way.lowest_call_no <> call_capture.call_no or way.highest_call_no <> call_capture.call_no)
        and (way.peer_media_ip = call.peer_media_ip or own_media.call_no is not null)
),

endpoint as (
    select
        call_leg.call_no,
        leg_media.caller_ip as ip,
        leg_media.caller_port as port
    from leg_media
    inner join call_leg using (leg_id)
    union
    select
        call_leg.call_no,
        leg_media.callee_ip,
        leg_media.callee_port
    from leg_media
    inner join call_leg using (leg_id)
),

-- RTCP goes to the RTP port or to the one above it (RFC 3550 11, RFC 5761).
control as (
    select
        source_id,
        ts,
        src_ip,
        dst_ip,
        unnest([dst_port, dst_port - 1]) as port
    from rtcp_report
),

by_control as (
    select
        call.call_no,
        control.src_ip = call.peer_media_ip as from_peer,
        call.client_media_ip in (control.src_ip, control.dst_ip) as is_direct,
        format('source {} shows RTCP of this call from {} to {}', control.source_id, control.src_ip, control.dst_ip) as reason
    from control
    inner join endpoint on control.dst_ip = endpoint.ip and control.port = endpoint.port
    inner join call on endpoint.call_no = call.call_no
    inner join call_capture on call.call_no = call_capture.call_no and control.source_id = call_capture.source_id
    inner join source on control.source_id = source.source_id
    where
        call.peer_media_ip in (control.src_ip, control.dst_ip)
        and (call.client_media_ip in (control.src_ip, control.dst_ip) or call.mediation_ip in (control.src_ip, control.dst_ip))
        and control.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint)
        between call.started_ts and coalesce(call.ended_ts, call_capture.last_ts)
)

select
    call_no,
    is_direct,
    from_peer,
    min(reason) as reason
from (
    select
        call_no,
        is_direct,
        from_peer,
        reason
    from by_other_calls
    union all
    select
        call_no,
        is_direct,
        from_peer,
        reason
    from by_control
) as shown
group by call_no, is_direct, from_peer;

comment on table media_shown is 'One row per call, way and direction of media that its captures demonstrably show.';
comment on column media_shown.call_no is 'call.call_no.';
comment on column media_shown.is_direct is 'True for media between client and gateway, false between Mediation Server and gateway.';
comment on column media_shown.from_peer is 'True for media from the gateway, false for media to it.';
comment on column media_shown.reason is 'What shows it, in words.';
