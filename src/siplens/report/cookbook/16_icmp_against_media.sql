/* Which media was turned away by the network itself? ICMP errors that quote a packet between two media addresses. */
select
    icmp_error.reporter_ip,
    icmp_error.meaning,
    icmp_error.src_ip,
    icmp_error.dst_ip,
    icmp_error.dst_port,
    count(*) as errors,
    min(icmp_error.ts) as first_seen
from icmp_error
where icmp_error.protocol = 'udp'
group by all
order by errors desc, icmp_error.src_ip asc, icmp_error.dst_ip asc
