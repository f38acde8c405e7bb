/*
id = "EDL006"
title = "Peer hung up as soon as one endpoint of a fork had answered"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
A forked INVITE of the peer was answered, and within moments of that answer the peer sent BYE: it did not know the dialog that was
answered, or could not take its media. Judged are answered INVITEs from a peer that got two early dialogs or more. max_talk_ms is
the longest time between answer and BYE, in milliseconds, that is no conversation."""
impact = """
The person picks up, and the call is gone. Callers from the public network are cut off only when they call people with several
endpoints."""
causes = [
    "The peer holds on to the first early dialog and cannot match a 200 with another To tag.",
    "The SDP of the 200 differs from that of the first 183, and the peer refuses the change by hanging up.",
    "The provider behind the SBC ends the call because of the fork.",
]
confirm = [
    "siplens call CALL: which To tag did the 200 carry, and is it that of the first 18x?",
    "Is there a Reason header in the BYE?",
    "siplens peers: how many forked calls of this peer were answered and lasted?",
]
fix = [
    "Let the SBC merge forked responses into one early dialog.",
    "Update the peer's software, or ask its vendor for several early dialogs per INVITE.",
    "Lower MaxEarlyDialogs of the trunk to what the peer takes.",
]
falsepositives = [
    "The caller hung up just then: one such call proves nothing.",
    "A machine called, such as a fax or a monitoring call.",
]
references = [
    "RFC 3261 section 13.2.2.4: a 2xx to a forked INVITE; section 15: BYE",
    "RFC 3326: Reason header",
]
[params]
max_talk_ms = 1000
*/
with

judged as (
    select
        forked_leg.*,
        leg.bye_id,
        leg.bye_by,
        dialog.ordinal,
        dialog.confirmed_id,
        date_diff('millisecond', forked_leg.answered_ts, leg.bye_ts) as talk_ms,
        case
            when forked_leg.invited_by = 'unknown' then 'unknown'
            when leg.bye_id is null and date_diff('millisecond', forked_leg.answered_ts, forked_leg.last_ts) < $max_talk_ms then 'unknown'
            when leg.bye_by = 'caller' and talk_ms <= $max_talk_ms then 'fail'
            else 'pass'
        end as status
    from forked_leg
    inner join leg using (leg_id)
    left join dialog on forked_leg.answered_dialog_id = dialog.dialog_id
    where forked_leg.answered_ts is not null and not forked_leg.is_merged
)

select
    judged.leg_id as subject_id,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.invited_by = 'unknown' then 'which end is the peer is not known: name the Mediation Servers in a configuration'
        when judged.status = 'unknown' then 'answered, but nothing was read after that'
        when
            judged.status = 'pass'
            then format('answered in early dialog {} of {}, and the peer stayed', judged.ordinal, judged.early_dialogs)
        else concat(
            format(
                'BYE from the peer {} ms after early dialog {} of {} was answered', judged.talk_ms, judged.ordinal, judged.early_dialogs
            ),
            ' (Reason: ' || message.reason || ')'
        )
    end as reason,
    [
        { 'message_id': judged.confirmed_id, 'note': format('200 in early dialog {}', judged.ordinal) },
        { 'message_id': judged.bye_id, 'note': 'BYE from the peer' }
    ] as evidence
from judged
left join message on judged.bye_id = message.message_id and judged.status = 'fail'
