/* How quickly do forked responses follow each other, and how long after the last one did the caller cancel? Times in milliseconds. */
select
    leg.leg_id,
    leg.peer_ip,
    leg.early_dialogs,
    date_diff('millisecond', min(dialog.first_ts), max(dialog.first_ts)) as first_to_last_ms,
    date_diff('millisecond', max(dialog.first_ts), any_value(leg.cancel_ts)) as last_to_cancel_ms,
    any_value(leg.outcome) as outcome
from leg
inner join dialog using (leg_id)
where leg.early_dialogs >= 2
group by leg.leg_id, leg.peer_ip, leg.early_dialogs
order by last_to_cancel_ms nulls last, leg.leg_id
