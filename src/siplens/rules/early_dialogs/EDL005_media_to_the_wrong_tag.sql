/*
id = "EDL005"
title = "Peer kept sending media to an early dialog that was not answered"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The call forked, one endpoint answered, and the peer went on sending RTP to the address that another early dialog had named: it did
not follow the answer. Judged are answered INVITEs from a peer whose early dialogs named different media addresses. grace_s is how
long after the answer, in seconds, media to the old address may still be on its way."""
impact = """
The person who answered hears nothing, while an endpoint that only rang gets the caller's voice. It happens only on calls to people
with several endpoints, and depends on who picks up."""
causes = [
    "The peer takes the media address from the first 183 and never changes it.",
    "The peer finds the SDP of the 200 unchanged because it compares session versions only.",
    "A media relay of the peer's SBC latched on the first endpoint that sent.",
]
confirm = [
    "siplens call CALL: compare the address in the SDP of the answered To tag with where the peer's RTP goes.",
    "Look for the first 183 with that other address.",
    "Call the same person with a single device signed in: the call should be fine.",
]
fix = [
    "On the gateway, let later answers of a fork open the stream anew (sequential forking).",
    "Let the SBC merge forked responses and send media by the 200's SDP.",
    "Update the peer's software: the SDP of the answered dialog counts.",
]
falsepositives = [
    "Two endpoints behind one address and port, such as an SBC: siplens compares address and port, and does not judge equal ones.",
]
references = [
    "RFC 3261 section 13.2.2.4: the dialog of the 2xx is the one that stays",
    "RFC 3960 section 3.1: forking and early media",
]
[params]
grace_s = 2.0
*/
with

answered as (
    select
        forked_leg.leg_id,
        forked_leg.call_no,
        forked_leg.peer_ip,
        forked_leg.invited_by,
        forked_leg.answered_ts,
        leg_media.callee_ip as right_ip,
        leg_media.callee_port as right_port,
        dialog.confirmed_id
    from forked_leg
    inner join leg_media using (leg_id)
    inner join dialog on forked_leg.answered_dialog_id = dialog.dialog_id
    where forked_leg.answered_ts is not null and not forked_leg.is_merged and leg_media.callee_ip is not null
),

other_address as (
    select
        answered.leg_id,
        dialog.media_ip,
        dialog.media_port,
        arg_min({ 'ordinal': dialog.ordinal, 'sdp_id': dialog.sdp_id }, dialog.ordinal) as first
    from answered
    inner join dialog using (leg_id)
    where dialog.confirmed_id is null and dialog.media_port > 0
    group by answered.leg_id, dialog.media_ip, dialog.media_port
    having not bool_or(dialog.media_ip = answered.right_ip and dialog.media_port = answered.right_port)
),

stray as (
    select
        answered.leg_id,
        arg_max(
            {
                'ordinal': other_address.first.ordinal,
                'sdp_id': other_address.first.sdp_id,
                'address': call_stream.dst_ip || ' port ' || call_stream.dst_port,
                'source_id': call_stream.source_id,
                'frame': call_stream.frame
            },
            call_stream.last_ts
        ) as latest,
        date_diff('millisecond', any_value(answered.answered_ts), max(call_stream.last_ts)) / 1000.0 as lasted_s
    from answered
    inner join other_address using (leg_id)
    inner join call_stream
        on
            answered.call_no = call_stream.call_no
            and other_address.media_ip = call_stream.dst_ip and other_address.media_port = call_stream.dst_port
    where call_stream.last_ts > answered.answered_ts + to_milliseconds((1000 * $grace_s)::bigint)
    group by answered.leg_id
),

followed as (
    select distinct answered.leg_id
    from answered
    inner join call_stream
        on answered.call_no = call_stream.call_no and answered.right_ip = call_stream.dst_ip and answered.right_port = call_stream.dst_port
),

judged as (
    select
        answered.*,
        stray.latest.ordinal as ordinal,
        stray.latest.sdp_id as sdp_id,
        stray.latest.address as address,
        stray.latest.source_id as source_id,
        stray.latest.frame as frame,
        stray.lasted_s,
        case
            when answered.invited_by = 'unknown' then 'unknown'
            when stray.leg_id is not null then 'fail'
            when followed.leg_id is not null then 'pass'
            else 'unknown'
        end as status
    from answered
    semi join other_address on answered.leg_id = other_address.leg_id
    left join stray on answered.leg_id = stray.leg_id
    left join followed on answered.leg_id = followed.leg_id
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when invited_by = 'unknown' then 'which end is the peer is not known: name the Mediation Servers in a configuration'
        when status = 'pass' then format('media goes to {} port {}, as the answer says', right_ip, right_port)
        when status = 'unknown' then 'no media to any endpoint of the fork was seen'
        else format(
            'media went to {} of early dialog {} for {:.1f} s after the answer, which named {} port {}',
            address, ordinal, lasted_s, right_ip, right_port
        )
    end as reason,
    list_concat(
        [
            { 'message_id': confirmed_id, 'note': format('answer: media to {} port {}', right_ip, right_port) },
            { 'message_id': sdp_id, 'note': format('SDP of early dialog {}', ordinal) }
        ],
        [{ 'source_id': source_id, 'frame': frame, 'note': 'RTP to ' || address }]
    ) as evidence
from judged
