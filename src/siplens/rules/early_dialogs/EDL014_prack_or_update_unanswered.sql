/*
id = "EDL014"
title = "PRACK or UPDATE in an early dialog was never answered"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
A PRACK or UPDATE was sent again and again before the call was answered, and no final response to it came. Judged are legs to and from
a peer, or between ends not known, that had such requests in an early dialog. min_sends is how often the request must have been seen."""
impact = """
The early dialog hangs for up to 32 seconds: reliable ringback stops, a change of media does not come about, and the call may be given
up."""
causes = [
    "The receiver lacks PRACK or UPDATE although Supported or Allow promises it.",
    "A firewall or SBC drops requests that come before the answer.",
    "The request goes to a Contact that cannot be reached.",
]
confirm = [
    "siplens call CALL: the request, its copies, and where it was sent.",
    "Compare its Request-URI and Route with Contact and Record-Route of the 18x.",
]
fix = [
    "Take 100rel or UPDATE out of what the end offers that cannot handle it.",
    "Let the SBC answer PRACK and UPDATE itself.",
]
falsepositives = [
    "The answer took a way that the capture does not see: then the request would not have come again.",
]
references = [
    "RFC 3262 section 4: PRACK is answered at once",
    "RFC 3311 section 5.2: UPDATE is answered at once",
    "RFC 3261 section 17.1.2: a request is sent again until its answer",
]
[params]
min_sends = 2
*/
with

request as (
    select
        transaction.leg_id,
        leg.peer_ip,
        transaction.method,
        transaction.request_id,
        transaction.sends,
        transaction.final_status,
        case
            when transaction.final_status is not null then 'pass'
            when transaction.sends >= $min_sends then 'fail'
            else 'unknown'
        end as status
    from transaction
    inner join leg on transaction.leg_id = leg.leg_id
    where
        transaction.method in ('PRACK', 'UPDATE') and transaction.request_id is not null
        and (leg.answered_ts is null or transaction.started_ts < leg.answered_ts)
        and leg.side <> 'client'
),

judged as (
    select
        leg_id,
        any_value(peer_ip) as peer_ip,
        count(*) as requests,
        arg_min(status, list_position(['fail', 'unknown', 'pass'], status)) as status,
        max(sends) filter (where final_status is null) as sends,
        string_agg(distinct method, ' and ' order by method) filter (where final_status is null) as methods,
        list({ 'message_id': request_id, 'note': format('{}, sent {} times', method, sends) } order by request_id)
        filter (where final_status is null) as evidence
    from request
    group by leg_id
)

select
    judged.leg_id as subject_id,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('{} requests in early dialogs, each answered', judged.requests)
        when judged.status = 'unknown' then format('no answer to {} was seen, but it was not sent again', judged.methods)
        else format('{} sent {} times and never answered', judged.methods, judged.sends)
    end as reason,
    coalesce(judged.evidence, []) as evidence
from judged
