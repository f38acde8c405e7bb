/*
One row per ICMP error that quotes a packet of an answered call's direct media: protocol, both addresses and both ports are those of
the call, as offer and answer agreed on them or as its RTP was seen to use them.
*/
create or replace view direct_refusal as
with

direct as (
    select
        call.call_no,
        call.peer_media_ip,
        call.client_media_ip,
        call.answered_ts,
        call.ended_ts
    from call
    inner join media_path using (call_no)
    where media_path.signalled = 'direct' and call.answered_ts is not null
),

ends as (
    select
        call_leg.call_no,
        leg_media.caller_ip,
        leg_media.caller_port,
        leg_media.callee_ip,
        leg_media.callee_port
    from call_leg
    inner join leg_media on call_leg.leg_id = leg_media.leg_id
),

tuple as (
    select
        call_no,
        caller_ip as src_ip,
        caller_port as src_port,
        callee_ip as dst_ip,
        callee_port as dst_port
    from ends
    union
    select
        call_no,
        callee_ip as src_ip,
        callee_port as src_port,
        caller_ip as dst_ip,
        caller_port as dst_port
    from ends
    union
    select
        call_flow.call_no,
        media_flow.src_ip,
        media_flow.src_port,
        media_flow.dst_ip,
        media_flow.dst_port
    from call_flow
    inner join media_flow on call_flow.flow_id = media_flow.flow_id
),

told as (
    select
        icmp_error.*,
        icmp_error.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as clock_ts
    from icmp_error
    inner join source on icmp_error.source_id = source.source_id
    where icmp_error.protocol = 'udp'
)

select
    direct.call_no,
    told.source_id,
    told.frame,
    told.clock_ts as ts,
    told.reporter_ip,
    told.meaning,
    told.src_ip = direct.peer_media_ip as is_from_peer,
    date_diff('millisecond', direct.answered_ts, told.clock_ts) as after_ms
from told
inner join tuple
    on
        told.src_ip = tuple.src_ip and told.src_port = tuple.src_port
        and told.dst_ip = tuple.dst_ip and told.dst_port = tuple.dst_port
inner join direct
    on
        tuple.call_no = direct.call_no
        and told.clock_ts >= direct.answered_ts
        and told.clock_ts <= coalesce(direct.ended_ts, 'infinity'::timestamp)
        and (
            (told.src_ip = direct.peer_media_ip and told.dst_ip = direct.client_media_ip)
            or (told.src_ip = direct.client_media_ip and told.dst_ip = direct.peer_media_ip)
        );

comment on view direct_refusal is
'One row per ICMP error that quotes a packet of an answered call''s direct media, by protocol, addresses and ports.';
comment on column direct_refusal.call_no is 'call.call_no.';
comment on column direct_refusal.source_id is 'source.source_id of the error.';
comment on column direct_refusal.frame is 'Its frame number.';
comment on column direct_refusal.ts is 'Its time, on the reference clock (UTC); between the answer and the end of the call.';
comment on column direct_refusal.reporter_ip is 'Who sent it: the router or host that refused the packet.';
comment on column direct_refusal.meaning is 'Such as port unreachable or administratively prohibited.';
comment on column direct_refusal.is_from_peer is 'Whether the packet refused was the peer''s; else it was the endpoint''s.';
comment on column direct_refusal.after_ms is 'Time from the answer to the error, in milliseconds.';
