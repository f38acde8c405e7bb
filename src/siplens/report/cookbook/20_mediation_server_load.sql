/* How many calls did each Mediation Server carry media for, per hour, and how many of them could have bypassed? */
select
    call.mediation_ip,
    time_bucket(interval 1 hour, call.started_ts) as hour,
    count(*) as calls,
    count(*) filter (where media_path.observed = 'mediated') as mediated,
    count(*) filter (where media_path.observed = 'mediated' and bypass_assessment.expected = 'pass') as mediated_for_nothing
from call
inner join media_path using (call_no)
inner join bypass_assessment using (call_no)
where call.mediation_ip is not null
group by all
order by hour, call.mediation_ip
