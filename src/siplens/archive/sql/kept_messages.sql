/* One row per message that a prune keeps: from the variable before on, or of a call that is kept; without a time, as its file is. */
create or replace temp table kept_message as
select message_id
from live.message
where coalesce(ts >= getvariable('before'), source_id in (select kept_source.source_id from kept_source))
union
select leg_message.message_id
from live.leg_message
inner join live.call_leg using (leg_id)
where call_leg.call_no in (select kept_call.call_no from kept_call)
