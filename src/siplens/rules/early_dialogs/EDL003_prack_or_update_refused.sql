/*
id = "EDL003"
title = "Peer answered PRACK or UPDATE of a later early dialog with an error"
severity = "high"
status = "stable"
subject = "dialog"
meaning = """
In the second or a later early dialog of an INVITE, the Mediation Server sent the peer a PRACK or an UPDATE, and the peer answered it
with an error: it does not keep that early dialog apart from the first. 481 says so in plain words. Judged are early dialogs,
from the second on, in which the peer had a PRACK or UPDATE to answer. Challenges for credentials, 491 and a 500 that asks for
another try are no refusals; ignored_statuses lists such answers."""
impact = """
The early dialog stays half open: its ringback or announcement is not heard, the session cannot be changed to direct media, and the
call may fail when just this endpoint answers."""
causes = [
    "The peer finds dialogs by Call-ID alone, or forgets one early dialog when the next appears.",
    "The peer counts RSeq over all early dialogs of an INVITE instead of in each.",
    "An SBC between the two merges early dialogs in one direction only.",
]
confirm = [
    "siplens call CALL: compare the To tag of the refused request with that of the provisional response it belongs to.",
    "Did the same request in the first early dialog get 200?",
    "siplens peers: PRACK and UPDATE failures of this peer, beside how many it answered well.",
]
fix = [
    "Update the peer's software, or ask its vendor about several early dialogs for one INVITE.",
    "Turn reliable provisional responses (100rel) off towards this peer.",
    "Let the SBC merge early dialogs into one.",
]
falsepositives = [
    "The early dialog had just ended (199, CANCEL, answered elsewhere) when the request arrived: look at the times.",
]
references = [
    "RFC 3262 sections 3 and 4: PRACK belongs to one early dialog",
    "RFC 3311 section 5: UPDATE in an early dialog; 491 and 500 for requests that collide",
    "RFC 3261 section 12.2.2: 481",
]
[params]
ignored_statuses = [401, 407, 491]
*/
with

requests as (
    select
        dialog_id,
        leg_id,
        ordinal,
        to_tag,
        list_contains($ignored_statuses, prack_status) as is_ignored,
        'PRACK' as method,
        prack_id as request_id,
        prack_status as status,
        prack_final_id as final_id
    from dialog
    where is_early and prack_id is not null
    union all
    select
        dialog_id,
        leg_id,
        ordinal,
        to_tag,
        list_contains($ignored_statuses, update_status) as is_ignored,
        'UPDATE' as method,
        update_id as request_id,
        update_status as status,
        update_final_id as final_id
    from dialog
    where is_early and update_id is not null
),

-- Who answers follows from the tags, for addresses may be missing in logs: a request whose From tag is the leg's comes from the caller.
exchanges as (
    select
        requests.*,
        leg.peer_ip,
        asked.source_id as asked_source_id,
        asked.frame as asked_frame,
        asked.line as asked_line,
        answer.source_id as answer_source_id,
        answer.frame as answer_frame,
        answer.line as answer_line,
        answer.reason_phrase,
        case
            when coalesce(leg.invited_by, 'unknown') = 'unknown' then 'unknown'
            when leg.invited_by = 'peer' and coalesce(asked.from_tag <> leg.from_tag, true) then 'peer'
            when leg.invited_by = 'mediation' and leg.side = 'peer' and asked.from_tag = leg.from_tag then 'peer'
            when leg.invited_by = 'mediation' and leg.side = 'unknown' and asked.from_tag = leg.from_tag then 'unknown'
            else 'another'
        end as answered_by,
        requests.status >= 300
        and not requests.is_ignored
        and not case
            when requests.status = 500 then contains(lower(cast(answer.headers as varchar)), 'retry-after')
            else false
        end as is_refusal
    from requests
    inner join leg using (leg_id)
    inner join message as asked on requests.request_id = asked.message_id
    left join message as answer on requests.final_id = answer.message_id
),

first_dialogs as (
    select
        leg_id,
        method,
        any_value(status) as status
    from exchanges
    where ordinal = 1
    group by leg_id, method
),

judged as (
    select
        exchanges.dialog_id,
        any_value(exchanges.peer_ip) as peer_ip,
        bool_or(coalesce(exchanges.is_refusal, false)) as is_refused,
        bool_or(exchanges.answered_by = 'unknown') as is_peer_unknown,
        bool_and(exchanges.status is null) as is_unanswered,
        string_agg(
            format(
                '{} of early dialog {} got {}',
                exchanges.method,
                exchanges.ordinal,
                coalesce(exchanges.status || coalesce(' ' || exchanges.reason_phrase, ''), 'no answer that was seen')
            )
            || case
                when exchanges.is_refusal and first_dialogs.status < 300 then ', while that of the first early dialog got 200'
                else ''
            end,
            '; ' order by exchanges.request_id
        ) as answers,
        -- Evidence is gathered where it is kept: not for passes.
        flatten(list(
            list_concat(
                [{
                    'source_id': exchanges.asked_source_id,
                    'frame': exchanges.asked_frame,
                    'line': exchanges.asked_line,
                    'note': format('{} in early dialog {}, To tag {}', exchanges.method, exchanges.ordinal, exchanges.to_tag)
                }],
                case
                    when exchanges.answer_source_id is not null
                        then [{
                            'source_id': exchanges.answer_source_id,
                            'frame': exchanges.answer_frame,
                            'line': exchanges.answer_line,
                            'note': format('{} to this {}', exchanges.status, exchanges.method)
                        }]
                end
            ) order by exchanges.request_id
        ) filter (where coalesce(exchanges.is_refusal, true) or exchanges.answered_by = 'unknown')) as pieces
    from exchanges
    left join first_dialogs using (leg_id, method)
    where exchanges.ordinal >= 2 and exchanges.answered_by in ('peer', 'unknown')
    group by exchanges.dialog_id
)

select
    judged.dialog_id as subject_id,
    judged.peer_ip as peer,
    case
        when judged.is_peer_unknown then 'unknown'
        when judged.is_refused then 'fail'
        when judged.is_unanswered then 'unknown'
        else 'pass'
    end as status,
    judged.answers
    || if(
        judged.is_peer_unknown, ', but which end is the peer is not known: name the Mediation Servers in a configuration', ''
    ) as reason,
    coalesce(judged.pieces, []) as evidence
from judged
