/* Which offers with an endpoint's address were refused, and how? */
select
    leg.peer_ip,
    offer_answer.offer_method,
    offer_answer.offer_ip,
    offer_answer.answer_status,
    offer_answer.outcome,
    count(*) as offers,
    min(offer_answer.offer_ts) as first_seen,
    max(offer_answer.offer_ts) as last_seen
from offer_answer
inner join leg using (leg_id)
where offer_answer.offer_is_endpoint and offer_answer.outcome = 'rejected'
group by all
order by offers desc, leg.peer_ip asc, offer_answer.answer_status asc
