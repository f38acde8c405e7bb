/* Does a peer refuse endpoints' addresses, but accept the Mediation Server's? The contrast tells a policy from a fault. */
select
    leg.peer_ip,
    offer_answer.offer_is_endpoint,
    offer_answer.outcome,
    count(*) as offers
from offer_answer
inner join leg using (leg_id)
where leg.peer_ip is not null and offer_answer.media = 'audio'
group by all
order by leg.peer_ip asc, offer_answer.offer_is_endpoint asc, offers desc
