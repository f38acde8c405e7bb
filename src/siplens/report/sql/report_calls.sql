/* One row per call from $since until $until, $most at most: those with a failed rule or verdict first, then the earliest. */
with

failed as (
    select distinct call_no
    from finding
    where status = 'fail' and resolved_at is null
)

select call.call_no
from call
left join failed using (call_no)
left join bypass_verdict using (call_no)
where ($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until)
order by
    failed.call_no is null and bypass_verdict.verdict is distinct from 'fail' asc,
    call.started_ts asc,
    call.call_no asc
limit $most
