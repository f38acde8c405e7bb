/*
id = "EDL008"
title = "Two endpoints of a fork answered, and the peer ended neither"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
Two endpoints answered one INVITE of the peer at the same moment. The caller must keep one dialog and end the others with BYE; this
peer left a surplus one standing. Judged are INVITEs from a peer that were answered twice or more. wait_s is how long, in seconds,
the surplus dialog must have stood without BYE to count."""
impact = """
One of the two people who picked up sits in a call with nobody, until the Mediation Server or the person ends it; the peer may mix up
the media of both."""
causes = [
    "The peer does not expect a second 2xx to one INVITE.",
    "The peer acknowledged the second 2xx with the tags of the first dialog.",
]
confirm = [
    "siplens call CALL: two 200 with different To tags; which of them got a BYE from the peer?",
    "Did both get an ACK (EDL007)?",
]
fix = [
    "On the gateway, set the time for which extra 2xx of a fork are acknowledged and ended (AudioCodes: ForkingTimeOut).",
    "Let the SBC merge forked responses.",
]
falsepositives = [
    "The capture ended before the BYE: wait_s bounds this.",
]
references = [
    "RFC 3261 section 13.2.2.4: 2xx responses of a fork, and ending the unwanted",
    "AudioCodes: ForkingTimeOut",
]
[params]
wait_s = 5.0
*/
with

confirmed as (
    select
        dialog.*,
        leg.peer_ip,
        leg.last_ts,
        coalesce(leg.invited_by, 'unknown') as invited_by
    from dialog
    inner join leg using (leg_id)
    where dialog.confirmed_id is not null and coalesce(leg.invited_by, 'unknown') in ('peer', 'unknown')
),

counted as (
    select
        leg_id,
        any_value(peer_ip) as peer_ip,
        any_value(invited_by) as invited_by,
        count(*) as answers,
        count(bye_id) as ended,
        max(last_ts) as last_ts,
        max(confirmed_ts) as last_confirmed_ts,
        min(confirmed_id) as first_id,
        max(confirmed_id) as second_id
    from confirmed
    group by leg_id
    having count(*) >= 2
),

judged as (
    select
        *,
        date_diff('millisecond', last_confirmed_ts, last_ts) / 1000.0 as stood_s,
        case
            when invited_by = 'unknown' then 'unknown'
            when ended >= answers - 1 then 'pass'
            when stood_s >= $wait_s then 'fail'
            else 'unknown'
        end as status
    from counted
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when invited_by = 'unknown' then 'which end is the peer is not known: name the Mediation Servers in a configuration'
        when status = 'pass' then format('{} answers, and the surplus ones were ended', answers)
        when status = 'unknown' then format('{} answers, and what was read ends {:.1f} s later', answers, stood_s)
        else format('{} answers, of which {} were ended within {:.1f} s', answers, ended, stood_s)
    end as reason,
    [
        { 'message_id': first_id, 'note': 'first 2xx' },
        { 'message_id': second_id, 'note': '2xx with another To tag' }
    ] as evidence
from judged
