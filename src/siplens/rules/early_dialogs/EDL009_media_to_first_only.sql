/*
id = "EDL009"
title = "Only the first early dialog ever got the peer's early media"
severity = "info"
status = "stable"
subject = "leg"
meaning = """
Several early dialogs named media addresses before anybody answered, and the peer sent its media to the first of them only: it ignores
later ones in silence, as some gateways do by design. Judged are INVITEs from a peer in which two early dialogs or more named
different addresses, and the peer sent media to one of them at least before the answer; most peers send none, which says nothing.
min_wait_s is how long, in seconds, the second must have been open for silence to count."""
impact = """
Callers hear the ringback or announcement of the first endpoint only. It becomes a fault where media must be direct to the endpoint
that answers, and the peer does not follow the answer either (EDL005)."""
causes = [
    "AudioCodes gateways take the first 18x with SDP and ignore later ones, unless ForkingHandlingMode says otherwise.",
    "The SBC shows the peer behind it the first early dialog only.",
]
confirm = [
    "siplens call CALL: media addresses of the early dialogs, and where the peer's RTP went before the answer.",
    "siplens peers: does this peer ever send to a second early dialog?",
]
fix = [
    "Nothing, where calls are fine once they are answered.",
    "On AudioCodes gateways, ForkingHandlingMode 1 opens the stream anew on each later 18x.",
]
falsepositives = [
    "A peer that sends no media before the answer: such calls are undecided.",
]
references = [
    "RFC 3960 section 3.1: forking and early media",
    "AudioCodes: ForkingHandlingMode",
]
[params]
min_wait_s = 1.0
*/
with

address as (
    select
        forked_leg.leg_id,
        forked_leg.call_no,
        forked_leg.answered_ts,
        dialog.media_ip,
        dialog.media_port,
        min(dialog.ordinal) as ordinal,
        min(dialog.sdp_id) as sdp_id,
        min(dialog.first_ts) as first_ts
    from forked_leg
    inner join dialog using (leg_id)
    where dialog.is_early and dialog.media_port > 0 and not forked_leg.is_merged
    group by all
),

ranked as (
    select
        *,
        row_number() over (partition by leg_id order by ordinal) as place,
        lead(ordinal) over (partition by leg_id order by ordinal) as next_ordinal
    from address
),

heard as (
    select
        ranked.leg_id,
        max(ranked.place) as last_place,
        arg_min({ 'source_id': call_stream.source_id, 'frame': call_stream.frame }, ranked.place) as first
    from ranked
    inner join call_stream
        on
            ranked.call_no = call_stream.call_no
            and ranked.media_ip = call_stream.dst_ip and ranked.media_port = call_stream.dst_port
    where ranked.answered_ts is null or call_stream.first_ts < ranked.answered_ts
    group by ranked.leg_id
),

judged as (
    select
        forked_leg.leg_id,
        forked_leg.peer_ip,
        forked_leg.invited_by,
        heard.first.source_id as source_id,
        heard.first.frame as frame,
        second_address.ordinal,
        second_address.sdp_id,
        date_diff('millisecond', second_address.first_ts, coalesce(forked_leg.answered_ts, forked_leg.last_ts)) / 1000.0 as waited_s,
        case
            when forked_leg.invited_by = 'unknown' then 'unknown'
            when heard.last_place >= 2 then 'pass'
            when waited_s >= $min_wait_s then 'fail'
            else 'unknown'
        end as status
    from forked_leg
    inner join ranked as second_address on forked_leg.leg_id = second_address.leg_id and second_address.place = 2
    inner join heard on forked_leg.leg_id = heard.leg_id
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when invited_by = 'unknown' then 'which end is the peer is not known: name the Mediation Servers in a configuration'
        when status = 'pass' then 'the peer sent early media to a later early dialog as well'
        when status = 'unknown' then format('early dialog {} was open for {:.1f} s only', ordinal, waited_s)
        else format('early media went to the first early dialog only, while early dialog {} was open for {:.1f} s', ordinal, waited_s)
    end as reason,
    list_concat(
        [{ 'message_id': sdp_id, 'note': format('SDP of early dialog {}', ordinal) }],
        [{ 'source_id': source_id, 'frame': frame, 'note': 'RTP to the first early dialog' }]
    ) as evidence
from judged
