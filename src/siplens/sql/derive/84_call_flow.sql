/* One row per RTP flow that belongs to a call: its receiver's address and port were announced in the call's SDP. */
-- needs: media_flow
create or replace table call_flow as
with

clocked_flow as (
    select
        media_flow.flow_id,
        media_flow.source_id,
        media_flow.src_ip,
        media_flow.src_port,
        media_flow.dst_ip,
        media_flow.dst_port,
        media_flow.first_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as first_ts
    from media_flow
    inner join source using (source_id)
),

-- Also candidates: with ICE, media goes where a check succeeded.
address_in_sdp as (
    select
        message_id,
        address,
        port
    from counted_sdp
    where port > 0
    union
    select
        message_id,
        address,
        port
    from ice_candidate
    where component = 1 and transport = 'udp'
),

announcement as (
    select
        call_leg.call_no,
        address_in_sdp.address,
        address_in_sdp.port,
        min(leg_message.ts) as announced_ts
    from address_in_sdp
    inner join leg_message using (message_id)
    inner join call_leg using (leg_id)
    where leg_message.is_first
    group by call_leg.call_no, address_in_sdp.address, address_in_sdp.port, leg_message.message_id
),

-- Ports are used again: the latest announcement before the flow counts. Media may overtake SDP, here by one second at most.
received as (
    select
        clocked_flow.*,
        announcement.call_no
    from clocked_flow
    asof inner join announcement
        on
            clocked_flow.dst_ip = announcement.address and clocked_flow.dst_port = announcement.port
            and clocked_flow.first_ts + interval 1 second >= announcement.announced_ts
),

-- After the BYE a sender may go on for a moment, no longer than it takes to give up on it (64*T1).
in_time as (
    select received.*
    from received
    inner join call using (call_no)
    where call.ended_ts is null or received.first_ts <= call.ended_ts + interval 32 seconds
),

endpoint as (
    select distinct
        call_no,
        address,
        port
    from announcement
)

select
    in_time.call_no,
    in_time.flow_id,
    in_time.source_id,
    if(sender.role in ('client', 'mediation', 'peer', 'relay'), sender.role, 'unknown') as from_role,
    if(receiver.role in ('client', 'mediation', 'peer', 'relay'), receiver.role, 'unknown') as to_role,
    if(endpoint.call_no is not null, 'sdp_pair', 'sdp_receiver') as matched_by
from in_time
left join endpoint on in_time.call_no = endpoint.call_no and in_time.src_ip = endpoint.address and in_time.src_port = endpoint.port
left join host as sender on in_time.src_ip = sender.ip
left join host as receiver on in_time.dst_ip = receiver.ip;

comment on table call_flow is 'One row per RTP flow that belongs to a call: its receiver was announced in the call''s SDP.';
comment on column call_flow.call_no is 'call.call_no.';
comment on column call_flow.flow_id is 'media_flow.flow_id.';
comment on column call_flow.source_id is 'source.source_id that saw the flow.';
comment on column call_flow.from_role is 'host.role of the sender: client, mediation, peer, relay or unknown.';
comment on column call_flow.to_role is 'host.role of the receiver: client, mediation, peer, relay or unknown.';
comment on column call_flow.matched_by is 'sdp_pair: SDP of the call announced both ends; sdp_receiver: the receiving end only.';
