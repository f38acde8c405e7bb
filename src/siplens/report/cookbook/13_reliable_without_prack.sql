/* Which reliable early dialogs were never acknowledged by PRACK, or had it refused? */
select
    dialog.call_id,
    dialog.to_tag,
    dialog.ordinal,
    dialog.first_status,
    dialog.first_ts,
    dialog.prack_status,
    dialog.ended_by
from dialog
where dialog.reliable and (dialog.prack_id is null or dialog.prack_status >= 300)
order by dialog.first_ts, dialog.ordinal
