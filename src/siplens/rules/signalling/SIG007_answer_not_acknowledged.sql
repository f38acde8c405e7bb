/*
id = "SIG007"
title = "An answer was never acknowledged"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The 200 to an INVITE came again and again, and no ACK was seen: the caller never got the answer, or its ACK was lost. Judged are answered
sessions with one dialog; forked ones are EDL007's. min_resends is how often the 200 must have come again to count."""
impact = """
The called side ends the call after 32 seconds: people are cut off after half a minute."""
causes = [
    "The ACK goes to a Contact that cannot be reached, such as a private address or a name.",
    "A firewall or NAT drops the ACK.",
    "Record-Route or Route is broken by an SBC.",
]
confirm = [
    "siplens call CALL: Contact of the 200, and where the ACK went, if there was one.",
    "Did the call end with BYE 32 seconds after the answer?",
]
fix = [
    "Let the called side put a reachable address into Contact.",
    "Let the SBC handle NAT for both directions.",
]
falsepositives = [
    "The ACK took another way than the INVITE, past the capture point: then the 200 would not have come again.",
]
references = [
    "RFC 3261 section 13.3.1.4: a 2xx is sent again until the ACK",
    "RFC 3261 section 13.2.2.4: the ACK to a 2xx",
]
[params]
min_resends = 2
*/
with

answered as (
    select
        leg.leg_id,
        leg.peer_ip,
        dialog.dialog_id,
        dialog.confirmed_id,
        dialog.acked
    from leg
    inner join dialog on leg.answered_dialog_id = dialog.dialog_id
    where leg.early_dialogs <= 1 and leg.invite_id is not null
),

sent_again as (
    select
        dialog_id,
        count(*) as resends,
        max(message_id) as last_id
    from leg_message
    where method = 'INVITE' and status between 200 and 299 and is_retransmission and not is_duplicate
    group by dialog_id
),

judged as (
    select
        answered.*,
        sent_again.resends,
        sent_again.last_id,
        case
            when answered.acked then 'pass'
            when sent_again.resends >= $min_resends then 'fail'
            else 'unknown'
        end as status
    from answered
    left join sent_again on answered.dialog_id = sent_again.dialog_id
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then 'acknowledged'
        when status = 'unknown' then 'no ACK was seen, but the answer was not sent again either'
        else format('the answer came {} more times, and no ACK was seen', resends)
    end as reason,
    [
        { 'message_id': confirmed_id, 'note': 'answer' },
        { 'message_id': last_id, 'note': 'the answer, sent again for the last time' }
    ] as evidence
from judged
