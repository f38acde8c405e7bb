/* One row per value that a filter of the call list offers: which filter, the value, and in how many calls it is met. */
select
    'outcome' as filter,
    outcome as value,
    count(*) as calls
from call
where outcome is not null
group by outcome

union all

select
    'cause' as filter,
    cause as value,
    count(*) as calls
from bypass_verdict
where cause is not null
group by cause

union all

select
    'rule' as filter,
    rule_id as value,
    count(distinct call_no) as calls
from finding
where status = 'fail' and resolved_at is null and call_no is not null
group by rule_id

union all

select
    'peer' as filter,
    peer as value,
    calls
from peer_profile
order by filter asc, calls desc, value asc
