/* One row per address and port that SDP of the calls $call_nos named for media, or that media of theirs used, and the call's time.
   RTCP goes one port higher, unless it says otherwise. Times are on the reference clock, with a margin for what follows a call. */
with

spans as (
    select
        call_leg.call_no,
        min(leg.started_ts) - interval 2 second as since,
        max(greatest(leg.last_ts, coalesce(leg.ended_ts, leg.last_ts))) + interval 10 second as until
    from call_leg
    inner join leg using (leg_id)
    where call_leg.call_no in (select unnest($call_nos))
    group by call_leg.call_no
),

own as (
    select
        spans.call_no,
        leg_message.message_id
    from spans
    inner join call_leg using (call_no)
    inner join leg_message using (leg_id)
),

announced as (
    select
        own.call_no,
        sdp_media.address as ip,
        unnest([sdp_media.port, coalesce(sdp_media.rtcp_port, sdp_media.port + 1)]) as port
    from own
    inner join sdp_media using (message_id)
    where sdp_media.port > 0
    union all
    select
        own.call_no,
        ice_candidate.address as ip,
        ice_candidate.port
    from own
    inner join ice_candidate using (message_id)
    union all
    select
        call_flow.call_no,
        unnest([media_flow.src_ip, media_flow.src_ip, media_flow.dst_ip, media_flow.dst_ip]) as ip,
        unnest([media_flow.src_port, media_flow.src_port + 1, media_flow.dst_port, media_flow.dst_port + 1]) as port
    from call_flow
    inner join media_flow using (flow_id)
    where call_flow.call_no in (select unnest($call_nos))
)

select distinct
    announced.ip,
    announced.port,
    spans.since,
    spans.until
from announced
inner join spans using (call_no)
inner join address on announced.ip = address.ip
where announced.port between 1 and 65535 and announced.ip not in ('0.0.0.0', '::')
order by announced.ip, announced.port
