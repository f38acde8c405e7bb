/*
id = "EDL004"
title = "Peer acknowledged reliable responses of the first early dialog only"
severity = "medium"
status = "stable"
subject = "dialog"
meaning = """
Reliable provisional responses (100rel) in a second or later early dialog were sent again and again, and the peer never acknowledged
them with PRACK, while it did so in another early dialog of the same INVITE. Judged are reliable early dialogs, from the second on,
of forked INVITEs from a peer that sends PRACK at all. min_resends is how often a response must have come again to count."""
impact = """
The Mediation Server gives the early dialog up after 32 seconds; until then its ringback, announcement or change of media cannot come
about, and the endpoint behind it may not be answered."""
causes = [
    "The peer keeps one early dialog per INVITE and drops responses with another To tag.",
    "The peer counts RSeq over all early dialogs, and takes the RSeq of the second for an old one.",
    "An SBC in between passes on the responses of one early dialog only.",
]
confirm = [
    "siplens call CALL: count the 18x of each To tag, and look for the PRACK that follows each.",
    "Compare RSeq of the provisional responses with RAck of the PRACKs.",
    "siplens peers: PRACKs of this peer, and how many early dialogs it ever took.",
]
fix = [
    "Turn reliable provisional responses off towards this peer.",
    "Let the SBC merge forked responses into one early dialog.",
    "Update the peer's software; RFC 3262 asks for one RSeq count per early dialog.",
]
falsepositives = [
    "The PRACK took a way that the capture does not see: then no other early dialog would show one either.",
]
references = [
    "RFC 3262 section 3: a reliable response is sent again until PRACK; section 4: RSeq counts per early dialog",
    "RFC 3261 section 12.1: early dialogs",
]
[params]
min_resends = 1
*/
with

acknowledged as (
    select
        leg_id,
        min(ordinal) as ordinal
    from dialog
    where is_early and prack_id is not null
    group by leg_id
),

sent_again as (
    select
        dialog_id,
        count(*) as resends,
        max(message_id) as last_id
    from leg_message
    where rseq is not null and is_retransmission and not is_duplicate
    group by dialog_id
),

judged as (
    select
        dialog.dialog_id,
        dialog.to_tag,
        dialog.ordinal,
        dialog.first_id,
        dialog.first_status,
        forked_leg.peer_ip,
        acknowledged.ordinal as acknowledged_ordinal,
        sent_again.resends,
        sent_again.last_id,
        forked_leg.invited_by,
        case
            when forked_leg.invited_by = 'unknown' then 'unknown'
            when dialog.prack_id is not null then 'pass'
            when sent_again.resends >= $min_resends then 'fail'
            else 'unknown'
        end as status
    from dialog
    inner join forked_leg using (leg_id)
    inner join acknowledged on dialog.leg_id = acknowledged.leg_id
    left join sent_again on dialog.dialog_id = sent_again.dialog_id
    where dialog.is_early and dialog.reliable and dialog.ordinal >= 2
)

select
    dialog_id as subject_id,
    peer_ip as peer,
    status,
    case
        when invited_by = 'unknown'
            then format('early dialog {}, but which end is the peer is not known: name the Mediation Servers in a configuration', ordinal)
        when status = 'pass' then format('early dialog {} was acknowledged by PRACK', ordinal)
        when status = 'unknown'
            then format('early dialog {} was not acknowledged by PRACK, but nothing shows that it was due: no response came again', ordinal)
        else format(
            'the {} of early dialog {} came {} more times and never got PRACK, while early dialog {} did',
            first_status, ordinal, resends, acknowledged_ordinal
        )
    end as reason,
    [
        { 'message_id': first_id, 'note': format('{} opens early dialog {}, To tag {}', first_status, ordinal, to_tag) },
        { 'message_id': last_id, 'note': 'the same response, sent again' }
    ] as evidence
from judged
