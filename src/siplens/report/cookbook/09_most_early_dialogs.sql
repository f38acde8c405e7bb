/* Which calls had the most early dialogs, and how did they end? */
select
    call.call_no,
    call.started_ts,
    call.direction,
    call.peer_ip,
    call.early_dialogs,
    call.outcome,
    call.final_status
from call
where call.early_dialogs >= 2
order by call.early_dialogs desc, call.started_ts asc
limit 50
