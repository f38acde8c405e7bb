/* One row per SIP message, as each source saw it, of the calls $call_nos: what is to be found again in the source. */
select distinct
    message.message_id,
    call_leg.call_no,
    message.source_id,
    message.frame,
    message.line,
    message.transport,
    message.src_ip,
    message.src_port,
    message.dst_ip,
    message.dst_port
from call_leg
inner join leg_message using (leg_id)
inner join message using (message_id)
where call_leg.call_no in (select unnest($call_nos))
order by message.source_id, message.message_id
