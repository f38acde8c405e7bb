/*
id = "SIG004"
title = "OPTIONS between two hosts is not answered"
severity = "medium"
status = "stable"
subject = "hop"
meaning = """
One host asks another with OPTIONS whether it is alive, min_requests times or more, and max_unanswered_pct percent or more of them were
never answered. Judged is each pair of hosts with OPTIONS. Where nothing at all was seen from the host that was asked, the capture may
show one direction only: unknown."""
impact = """
A gateway that does not answer OPTIONS is taken for dead, and calls are routed past it."""
causes = [
    "The receiver is down, or does not know the sender and stays silent.",
    "A firewall lets OPTIONS through one way only.",
    "TLS or name problems: the answer goes to another address.",
]
confirm = [
    "siplens sql \"select * from transaction where method = 'OPTIONS'\": when did it stop?",
    "On the Mediation Server, events 25051 and 25061.",
]
fix = [
    "Let the receiver accept and answer OPTIONS from the sender's address.",
]
falsepositives = [
    "A scan from outside that nobody should answer: look at the sender.",
]
references = [
    "RFC 3261 section 11: OPTIONS",
    "Microsoft: Mediation Server events 25051 (no response to OPTIONS), 25061 (major connectivity problem)",
]
[params]
min_requests = 3
max_unanswered_pct = 50.0
*/
with

asked as (
    select
        src_ip,
        dst_ip,
        count(*) as requests,
        count(*) filter (where final_status is null) as unanswered,
        arg_min(request_id, started_ts) filter (where final_status is null) as first_id,
        arg_max(request_id, started_ts) filter (where final_status is null) as last_id
    from transaction
    where method = 'OPTIONS' and request_id is not null and src_ip is not null and dst_ip is not null
    group by src_ip, dst_ip
),

heard as (
    select distinct src_ip as ip
    from transaction
    union
    select distinct dst_ip
    from transaction
    where first_response_ts is not null
),

judged as (
    select
        asked.*,
        100.0 * asked.unanswered / asked.requests as unanswered_pct,
        heard.ip is not null as is_heard,
        case
            when unanswered_pct < $max_unanswered_pct then 'pass'
            when asked.requests < $min_requests or heard.ip is null then 'unknown'
            else 'fail'
        end as status
    from asked
    left join heard on asked.dst_ip = heard.ip
)

select
    src_ip || ' to ' || dst_ip as subject_id,
    dst_ip as peer,
    status,
    case
        when status = 'unknown' and not is_heard
            then format('{} of {} OPTIONS without answer, but nothing that {} sent was seen at all', unanswered, requests, dst_ip)
        when status = 'unknown' then format('{} of {} OPTIONS without answer: too few to tell', unanswered, requests)
        else format('{} of {} OPTIONS from {} to {} without answer', unanswered, requests, src_ip, dst_ip)
    end as reason,
    [
        { 'message_id': first_id, 'note': 'OPTIONS without answer' },
        { 'message_id': last_id, 'note': 'the last of them' }
    ] as evidence
from judged
