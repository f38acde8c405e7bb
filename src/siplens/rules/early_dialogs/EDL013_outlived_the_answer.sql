/*
id = "EDL013"
title = "An early dialog went on for longer than 64*T1 after another one was answered"
severity = "low"
status = "stable"
subject = "dialog"
meaning = """
Once one endpoint of a fork has answered, the other early dialogs are over after 64*T1 (32 s): the caller forgets them. Here one went
on: messages still came in it later than that. Judged are early dialogs that went on at all after another one of their INVITE was
answered. max_s is how long, in seconds, that may last."""
impact = """
An endpoint that lost the race still believes in its call: it rings on, holds a line, or keeps a media port and bandwidth reserved."""
causes = [
    "The CANCEL to that endpoint was lost, or its proxy never sent it.",
    "The answering side goes on refreshing an early dialog with UPDATE or 18x.",
]
confirm = [
    "siplens call CALL: which messages carry that To tag after the 200?",
    "Look for the CANCEL towards that endpoint on the client's leg.",
]
fix = [
    "Look at the endpoint or proxy that keeps the early dialog alive: its CANCEL or 487 is missing.",
]
falsepositives = [
    "A tag that was used again by another dialog.",
]
references = [
    "RFC 3261 section 13.2.2.4: early dialogs not confirmed end 64*T1 after the first 2xx",
    "RFC 3261 table 4: T1 is 500 ms by default",
]
[params]
max_s = 32.0
*/
with

overdue as (
    select
        dialog.dialog_id,
        dialog.ordinal,
        dialog.to_tag,
        dialog.first_id,
        leg.peer_ip,
        leg.final_id,
        leg.invited_by,
        leg.answered_ts,
        arg_max(leg_message.message_id, leg_message.seq) as last_id,
        arg_max(coalesce(leg_message.status::varchar, leg_message.method), leg_message.seq) as last_words,
        max(leg_message.ts) as last_ts
    from dialog
    inner join leg using (leg_id)
    inner join leg_message using (dialog_id)
    where dialog.ended_by = 'timed_out' and leg.answered_ts is not null and not leg_message.is_duplicate
    group by all
),

judged as (
    select
        *,
        date_diff('millisecond', answered_ts, last_ts) / 1000.0 as lasted_s,
        case
            when invited_by is null or invited_by not in ('peer', 'mediation') then 'unknown'
            when lasted_s > $max_s then 'fail'
            else 'pass'
        end as status
    from overdue
)

select
    dialog_id as subject_id,
    peer_ip as peer,
    status,
    concat(
        format('{} in early dialog {} {:.1f} s after another one was answered', last_words, ordinal, lasted_s),
        if(status = 'unknown', ', in a call without a known Mediation Server', '')
    ) as reason,
    [
        { 'message_id': first_id, 'note': format('opens early dialog {}, To tag {}', ordinal, to_tag) },
        { 'message_id': final_id, 'note': 'answer of another dialog' },
        { 'message_id': last_id, 'note': 'last message of the early dialog' }
    ] as evidence
from judged
