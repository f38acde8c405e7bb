/* At which sites of the clients does bypass work? */
select
    coalesce(host_place.site, '(no site)') as client_site,
    count(*) as calls,
    count(*) filter (where bypass_assessment.expected = 'pass') as expected,
    count(*) filter (where bypass_assessment.expected = 'pass' and bypass_assessment.observed = 'pass') as bypassed,
    count(*) filter (where bypass_assessment.verdict = 'fail') as failed
from call
inner join bypass_assessment using (call_no)
left join host_place on coalesce(call.client_media_ip, call.client_ip) = host_place.ip
group by all
order by calls desc, client_site asc
