/*
id = "EDL012"
title = "Peer gave up the whole call when one early dialog ended with 199"
severity = "high"
status = "stable"
subject = "dialog"
meaning = """
A 199 response told the peer that one early dialog of its INVITE was over; others could still be answered. Within moments the peer
cancelled the INVITE or sent BYE. Judged are early dialogs of forked INVITEs from a peer that ended with 199. max_delay_ms is the time
between 199 and the peer's CANCEL or BYE, in milliseconds, that still counts as one following from the other."""
impact = """
One delegate who declines ends the call for everybody else: phones that still ring fall silent."""
causes = [
    "The peer takes 199 for the end of the call, not of one early dialog.",
    "The peer asked for 199 (option tag 199) without handling it.",
]
confirm = [
    "siplens call CALL: the 199, and the CANCEL or BYE right after it.",
    "Does the INVITE say Supported: 199?",
]
fix = [
    "Take the option tag 199 out of the peer's Supported header.",
    "Update the peer's software; RFC 6228 ends one early dialog only.",
]
falsepositives = [
    "The caller hung up at that very moment.",
]
references = [
    "RFC 6228: the 199 response ends one early dialog",
    "RFC 3261 section 9.1: CANCEL",
]
[params]
max_delay_ms = 1000
*/
with

ended as (
    select
        dialog.dialog_id,
        dialog.leg_id,
        dialog.ordinal,
        dialog.to_tag,
        dialog.first_id,
        dialog.ended_ts,
        forked_leg.peer_ip,
        forked_leg.invited_by,
        forked_leg.answered_ts,
        leg.outcome,
        if(leg.cancel_ts is not null, 'CANCEL', 'BYE') as method,
        coalesce(leg.cancel_id, if(leg.bye_by = 'caller' and leg.answered_ts is null, leg.bye_id, null)) as stop_id,
        coalesce(leg.cancel_ts, if(leg.bye_by = 'caller' and leg.answered_ts is null, leg.bye_ts, null)) as stop_ts
    from dialog
    inner join forked_leg using (leg_id)
    inner join leg using (leg_id)
    where dialog.is_early and dialog.ended_by = '199'
),

judged as (
    select
        *,
        date_diff('millisecond', ended_ts, stop_ts) as delay_ms,
        case
            when invited_by = 'unknown' then 'unknown'
            when delay_ms between 0 and $max_delay_ms then 'fail'
            when stop_id is null and outcome = 'open' then 'unknown'
            else 'pass'
        end as status
    from ended
)

select
    dialog_id as subject_id,
    peer_ip as peer,
    status,
    case
        when invited_by = 'unknown' then 'which end is the peer is not known: name the Mediation Servers in a configuration'
        when status = 'unknown' then format('early dialog {} ended with 199; how the call went on was not read', ordinal)
        when status = 'pass' then format('early dialog {} ended with 199, and the peer went on with the others', ordinal)
        else format('{} from the peer {} ms after 199 ended early dialog {}', method, delay_ms, ordinal)
    end as reason,
    [
        { 'message_id': first_id, 'note': format('opens early dialog {}, To tag {}', ordinal, to_tag) },
        { 'message_id': stop_id, 'note': method || ' from the peer' }
    ] as evidence
from judged
