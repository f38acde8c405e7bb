/* Which hops lose signalling? Requests that had to be sent again, by way. */
select
    transaction.src_ip,
    transaction.dst_ip,
    transaction.transport,
    count(*) as transactions,
    count(*) filter (where transaction.sends > 1) as sent_again,
    sum(transaction.sends - 1) as extra_sends,
    count(*) filter (where transaction.final_id is null and transaction.method not in ('ACK')) as without_final_answer
from transaction
where transaction.request_id is not null
group by all
having count(*) filter (where transaction.sends > 1) > 0
order by extra_sends desc, transaction.src_ip asc, transaction.dst_ip asc
