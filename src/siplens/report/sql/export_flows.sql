/* One row per RTP stream of the calls $call_nos, in the source that saw it. */
select distinct
    call_flow.call_no,
    media_flow.flow_id,
    media_flow.source_id,
    media_flow.src_ip,
    media_flow.src_port,
    media_flow.dst_ip,
    media_flow.dst_port,
    media_flow.ssrc,
    media_flow.first_frame,
    media_flow.last_frame,
    media_flow.packets
from call_flow
inner join media_flow using (flow_id)
where call_flow.call_no in (select unnest($call_nos))
order by media_flow.source_id, media_flow.flow_id
