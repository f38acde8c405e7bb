/* How do calls end, by peer and final status? */
select
    coalesce(call.peer_ip, '(unknown)') as peer_ip,
    call.outcome,
    call.final_status,
    min(call.final_reason) as reason,
    count(*) as calls
from call
group by all
order by calls desc, peer_ip asc, call.final_status asc
