/* Which bypass IDs do clients send, and from which sites? More than one per site, or one that is not configured, is worth a look. */
select
    offer_answer.offer_bypass_id,
    coalesce(host_place.site, '(no site)') as site,
    host_place.bypass_id as configured_bypass_id,
    count(*) as offers
from offer_answer
left join host_place on offer_answer.offer_ip = host_place.ip
where offer_answer.offer_bypass_id is not null
group by all
order by offers desc, offer_answer.offer_bypass_id asc, site asc
