/*
id = "MED004"
title = "Media began late after the answer"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
The session was answered, and the first media towards one of its ends came max_late_s seconds or more after that. Judged are answered
sessions in which both ends got media in the end; where one end got none, the verdict is unknown (MED003, DMR002 look into that)."""
impact = """
The first words are lost: people say hello twice."""
causes = [
    "Connectivity checks (ICE) or a key exchange take long.",
    "The answer is signalled before the endpoint is ready.",
    "A media relay or SBC opens its port only after the first packet from the other side.",
]
confirm = [
    "siplens call CALL: time of the answer, and first packet of each stream.",
    "Are there STUN checks without answer before it?",
]
fix = [
    "Look at the candidates that fail, and at DNS and firewall rules for relays.",
]
falsepositives = [
    "A call answered on hold, or by a machine that waits.",
]
references = [
    "RFC 8445: ICE; RFC 3264: media may flow once the answer is known",
    "RFC 3261 section 13: answer and ACK",
]
[params]
max_late_s = 2.0
*/
with

ends as (
    select
        leg.leg_id,
        leg.peer_ip,
        leg.answered_ts,
        leg.final_id,
        call_leg.call_no,
        leg_media.caller_ip,
        leg_media.caller_port,
        leg_media.callee_ip,
        leg_media.callee_port
    from leg
    inner join call_leg using (leg_id)
    inner join leg_media using (leg_id)
    where leg.answered_ts is not null and leg_media.is_accepted and leg_media.caller_may_send and leg_media.callee_may_send
),

began as (
    select
        ends.leg_id,
        min(call_stream.first_ts) filter (where call_stream.dst_ip = ends.callee_ip and call_stream.dst_port = ends.callee_port)
            as callee_ts,
        min(call_stream.first_ts) filter (where call_stream.dst_ip = ends.caller_ip and call_stream.dst_port = ends.caller_port)
            as caller_ts,
        arg_max(
            { 'source_id': call_stream.source_id, 'frame': call_stream.frame }, (call_stream.first_ts, call_stream.frame)
        ) as latest
    from ends
    inner join call_stream
        on
            ends.call_no = call_stream.call_no
            and (
                (ends.callee_ip = call_stream.dst_ip and ends.callee_port = call_stream.dst_port)
                or (ends.caller_ip = call_stream.dst_ip and ends.caller_port = call_stream.dst_port)
            )
    group by ends.leg_id
),

judged as (
    select
        ends.leg_id,
        ends.peer_ip,
        ends.final_id,
        began.latest.source_id as source_id,
        began.latest.frame as frame,
        if(began.callee_ts > began.caller_ts, ends.callee_ip, ends.caller_ip) as late_ip,
        date_diff('millisecond', ends.answered_ts, greatest(began.callee_ts, began.caller_ts)) / 1000.0 as late_s,
        began.callee_ts is not null and began.caller_ts is not null as has_both,
        case
            when not has_both then 'unknown'
            when late_s >= $max_late_s then 'fail'
            else 'pass'
        end as status
    from ends
    inner join began on ends.leg_id = began.leg_id
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when not has_both then 'one end got no media at all'
        else format('media to {} began {:.1f} s after the answer', late_ip, late_s)
    end as reason,
    list_concat(
        [{ 'message_id': final_id, 'note': 'answer' }],
        [{ 'source_id': source_id, 'frame': frame, 'note': 'first packet of the later stream' }]
    ) as evidence
from judged
