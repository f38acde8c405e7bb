/* One row per call of $call_nos (NULL: of all), as `siplens calls` lists them. Its column names are those that --where knows. */
with

peers as (
    select
        peer_ip,
        min(peer) as peer
    from peer_profile
    group by peer_ip
),

found as (
    select
        call_no,
        count(*) filter (where status = 'fail') as failed,
        string_agg(distinct rule_id, ' ' order by rule_id) filter (where status = 'fail') as rules
    from finding
    where resolved_at is null and ($call_nos is null or call_no in (select unnest($call_nos)))
    group by call_no
)

select
    call.call_no,
    call.started_ts as started,
    call.direction,
    call.caller,
    call.called,
    coalesce(peers.peer, call.peer_ip) as peer,
    call.outcome,
    call.final_status as status,
    round(call.duration_s, 1) as duration_s,
    call.early_dialogs,
    media_path.signalled as media_signalled,
    media_path.observed as media_observed,
    bypass_verdict.expected as bypass_expected,
    bypass_verdict.observed as bypass_observed,
    bypass_verdict.verdict as bypass_verdict,
    bypass_verdict.cause,
    found.rules as findings
from call
left join peers on call.peer_ip = peers.peer_ip
left join media_path using (call_no)
left join bypass_verdict using (call_no)
left join found using (call_no)
where $call_nos is null or call.call_no in (select unnest($call_nos))
order by call.started_ts, call.call_no
