/* One row per SIP message of the call $call_no as read, in order of time; times are on the clock of the capture that begins first. */
with

own as (
    select distinct leg_message.message_id
    from leg_message
    inner join call_leg using (leg_id)
    where call_leg.call_no = $call_no
)

select
    message.message_id,
    message.ts + coalesce(source.clock_offset_ms, 0) * interval 1 millisecond as moment,
    message.start_line,
    message.headers,
    message.body,
    message.src_ip,
    message.src_port,
    message.dst_ip,
    message.dst_port,
    message.src_name,
    message.dst_name,
    message.transport,
    message.frame,
    message.line,
    message.is_duplicate,
    message.is_retransmission,
    regexp_extract(source.path, '[^/\\]+$') as file
from message
inner join own using (message_id)
inner join source using (source_id)
order by moment, message.message_id
limit 1000
