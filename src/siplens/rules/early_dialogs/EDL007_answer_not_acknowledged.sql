/*
id = "EDL007"
title = "Peer did not acknowledge an answer to its forked INVITE"
severity = "high"
status = "stable"
subject = "dialog"
meaning = """
An endpoint of a fork answered, the 2xx was sent again and again, and no ACK with its To tag came: the peer sent none, or one with
the tag of another early dialog. A second 2xx needs an ACK of its own before it is ended. Judged are all answered dialogs of INVITEs
that have two dialogs or more. min_resends is how often the 2xx must have come again to count."""
impact = """
The Mediation Server ends the call after 32 seconds, for it never learned that the answer arrived: the two people talk for half a
minute and are cut off."""
causes = [
    "The peer sends the ACK with the To tag of the first early dialog.",
    "The peer drops the 2xx, because it does not know its To tag.",
    "The peer ignores a second 2xx, which a fork may well bring.",
]
confirm = [
    "siplens call CALL: compare the To tag of the 200 with that of the ACK.",
    "Count how often the 200 came: at 0.5, 1.5, 3.5 s … it waits for an ACK.",
    "Did the call end with a BYE 32 seconds after the answer?",
]
fix = [
    "Update the peer's software: every 2xx gets an ACK in its own dialog.",
    "Let the SBC merge forked responses into one early dialog.",
]
falsepositives = [
    "The ACK took another way than the INVITE, past the capture point: then the 2xx would not have come again.",
]
references = [
    "RFC 3261 section 13.2.2.4: ACK for each 2xx; section 13.3.1.4: the 2xx is sent again until then",
    "RFC 3261 section 12.1.2: tags of a dialog",
]
[params]
min_resends = 1
*/
with

-- All INVITEs that may have been answered twice, whoever sent them.
several as (
    select leg_id
    from dialog
    group by leg_id
    having count(*) >= 2
),

sent_again as (
    select
        leg_message.dialog_id,
        count(*) as resends,
        max(leg_message.message_id) as last_id
    from leg_message
    inner join several using (leg_id)
    where
        leg_message.method = 'INVITE' and leg_message.status between 200 and 299
        and leg_message.is_retransmission and not leg_message.is_duplicate
    group by leg_message.dialog_id
),

acknowledged as (
    select
        leg_id,
        min(message_id) as ack_id
    from leg_message
    where method = 'ACK' and not is_duplicate
    group by leg_id
),

judged as (
    select
        dialog.dialog_id,
        dialog.ordinal,
        dialog.to_tag,
        dialog.confirmed_id,
        leg.peer_ip,
        sent_again.resends,
        sent_again.last_id,
        acknowledged.ack_id,
        coalesce(leg.invited_by, 'unknown') as invited_by,
        case
            when dialog.acked then 'pass'
            when coalesce(leg.invited_by, 'unknown') = 'unknown' then 'unknown'
            when sent_again.resends >= $min_resends then 'fail'
            else 'unknown'
        end as status
    from dialog
    inner join several using (leg_id)
    inner join leg using (leg_id)
    left join sent_again on dialog.dialog_id = sent_again.dialog_id
    left join acknowledged on dialog.leg_id = acknowledged.leg_id
    where dialog.confirmed_id is not null and coalesce(leg.invited_by, 'unknown') in ('peer', 'unknown')
)

select
    dialog_id as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('the answer of dialog {} was acknowledged', ordinal)
        when invited_by = 'unknown'
            then format('no ACK for the answer of dialog {}, but which end is the peer is not known', ordinal)
        when
            status = 'unknown'
            then format('no ACK for the answer of dialog {} was seen, but the answer was not sent again either', ordinal)
        else concat(
            format('the answer of dialog {} came {} more times and got no ACK', ordinal, resends),
            if(ack_id is not null, '; an ACK with another To tag was sent', '')
        )
    end as reason,
    [
        { 'message_id': confirmed_id, 'note': format('2xx of dialog {}, To tag {}', ordinal, to_tag) },
        { 'message_id': last_id, 'note': 'the same 2xx, sent again' },
        { 'message_id': if(status = 'fail', ack_id, null), 'note': 'ACK with another To tag' }
    ] as evidence
from judged
