/* How many early dialogs did each peer see, and up to how many were calls answered? */
select
    coalesce(call.peer_ip, '(unknown)') as peer_ip,
    call.early_dialogs,
    count(*) as calls,
    count(*) filter (where call.outcome = 'answered') as answered,
    round(100.0 * count(*) filter (where call.outcome = 'answered') / count(*), 1) as answered_pct
from call
group by all
order by peer_ip, call.early_dialogs
