/* One row per peer, busiest first. */
select *
from peer_profile
order by calls desc, peer asc
