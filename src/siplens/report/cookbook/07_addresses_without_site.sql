/* Which client addresses lie in no subnet of the configuration, so that they have no bypass ID? */
select
    host_place.ip,
    host_place.place_reason,
    count(distinct call.call_no) as calls
from host_place
inner join call on host_place.ip = coalesce(call.client_media_ip, call.client_ip)
where host_place.bypass_id is null
group by all
order by calls desc, host_place.ip asc
