/*
id = "MED003"
title = "Media flowed one way only"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
Between the two ends of an answered session, media of min_s seconds or more went one way, and none the other, although both may send by
the last offer and answer, and the capture shows media of other calls that way between the same two hosts. Without such proof the
verdict is unknown. Judged are answered sessions with media in one direction at least. Direct media is DMR's."""
impact = """
One of the two people hears nothing."""
causes = [
    "A firewall or NAT that lets media through one way.",
    "An end that sends to an address nobody listens at.",
    "Encryption: an end that drops what it cannot decrypt also stops sending.",
]
confirm = [
    "siplens call CALL: streams and their addresses against SDP.",
    "RTCP reports of the silent end: does it receive?",
]
fix = [
    "Open the media ports both ways; look at NAT and at the address in SDP.",
]
falsepositives = [
    "Announcements and music on hold: the directions agreed tell, where SDP says so.",
]
references = [
    "RFC 3264 section 5.1: directions",
    "RFC 3550: RTP",
]
[params]
min_s = 3.0
*/
with

ends as (
    select
        leg.leg_id,
        leg.peer_ip,
        call_leg.call_no,
        leg_media.caller_ip,
        leg_media.caller_port,
        leg_media.callee_ip,
        leg_media.callee_port,
        leg_media.caller_may_send and leg_media.callee_may_send as both_may_send
    from leg
    inner join call_leg using (leg_id)
    inner join leg_media using (leg_id)
    left join media_path using (call_no)
    where leg.answered_ts is not null and leg_media.is_accepted and media_path.signalled is distinct from 'direct'
),

heard as (
    select
        ends.leg_id,
        bool_or(call_stream.dst_ip = ends.callee_ip and call_stream.dst_port = ends.callee_port) as to_callee,
        bool_or(call_stream.dst_ip = ends.caller_ip and call_stream.dst_port = ends.caller_port) as to_caller,
        date_diff('millisecond', min(call_stream.first_ts), max(call_stream.last_ts)) / 1000.0 as lasted_s,
        arg_max(
            {
                'source_id': call_stream.source_id,
                'frame': call_stream.frame,
                'src_ip': call_stream.src_ip,
                'dst_ip': call_stream.dst_ip,
                'packets': call_stream.packets
            },
            (call_stream.packets, -call_stream.frame)
        ) as most
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

shown as (
    select
        source_id,
        src_ip,
        dst_ip,
        min(call_no) as lowest_call_no,
        max(call_no) as highest_call_no
    from call_stream
    group by source_id, src_ip, dst_ip
),

judged as (
    select
        ends.leg_id,
        ends.peer_ip,
        ends.both_may_send,
        heard.most.src_ip as from_ip,
        heard.most.dst_ip as to_ip,
        heard.most.packets,
        heard.lasted_s,
        heard.most.source_id,
        heard.most.frame,
        shown.source_id is not null as is_shown,
        case
            when heard.to_callee and heard.to_caller then 'pass'
            when not ends.both_may_send or heard.lasted_s < $min_s or not is_shown then 'unknown'
            else 'fail'
        end as status
    from ends
    inner join heard on ends.leg_id = heard.leg_id
    left join shown
        on
            heard.most.source_id = shown.source_id and heard.most.dst_ip = shown.src_ip and heard.most.src_ip = shown.dst_ip
            and (ends.call_no <> shown.lowest_call_no or ends.call_no <> shown.highest_call_no)
)

select
    leg_id as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then 'media went both ways'
        when not both_may_send then 'media went one way, as the directions agreed'
        when
            not is_shown
            then format('media from {} to {} only, and nothing shows that the capture would see the other way', from_ip, to_ip)
        when status = 'unknown' then format('media one way, but for {:.1f} s only', lasted_s)
        else format('{} packets from {} to {} in {:.1f} s, none the other way', packets, from_ip, to_ip, lasted_s)
    end as reason,
    [{ 'source_id': source_id, 'frame': frame, 'note': format('RTP from {} to {}', from_ip, to_ip) }] as evidence
from judged
