/*
id = "DMR005"
title = "Direct media was agreed, but the endpoint sent none"
severity = "high"
status = "stable"
subject = "call"
meaning = """
Endpoint and peer agreed on direct media, the call was answered and lasted, the peer sent RTP to the endpoint, and none came back,
although the capture was made where it would have been seen. Judged are answered calls with direct media agreed in which the peer
sent. min_answered_s is the shortest talking time, in seconds, that lets silence count. A peer that is silent itself is DMR002's."""
impact = """
The person on the public network hears nothing, while the person at the endpoint hears the other side: a one-way call."""
causes = [
    "The endpoint's firewall or a filter between it and the gateway drops its media.",
    "The endpoint sends to another address: that of the Mediation Server, or of an adapter that leads nowhere.",
    "The gateway named an address that the client subnet has no route to.",
]
confirm = [
    "siplens call CALL: RTP flows by direction.",
    "ICMP errors (DMR004) name the router that refused the packets.",
    "Capture at the endpoint: does it send, and to which address?",
]
fix = [
    "Open the media port ranges from the client subnets to the peer's media address.",
    "Give the client subnets a route to the peer's media address.",
]
falsepositives = [
    "A muted endpoint still sends packets; one on hold does not, and is undecided.",
]
references = [
    "RFC 3264 section 5.1: directions",
    "Microsoft: Plan for media bypass in Skype for Business",
]
[params]
min_answered_s = 3.0
*/
with

heard as (
    select
        call_no,
        max(last_ts) as last_ts
    from call_stream
    where from_role = 'peer'
    group by call_no
),

judged as (
    select
        call.call_no,
        call.peer_ip,
        media_path.evidence,
        media_path.observed_reason,
        media_path.peer_to_client_packets,
        media_path.client_to_peer_packets,
        date_diff('millisecond', call.answered_ts, coalesce(call.ended_ts, heard.last_ts)) / 1000.0 as answered_s,
        coalesce(if(leg.invited_by = 'peer', leg_media.callee_may_send, leg_media.caller_may_send), true) as may_send,
        coalesce(media_path.client_to_peer_visible, false) as is_visible,
        case
            when media_path.client_to_peer_packets > 0 then 'pass'
            when not is_visible or not may_send or answered_s is null or answered_s < $min_answered_s then 'unknown'
            else 'fail'
        end as status
    from call
    inner join media_path using (call_no)
    left join leg on call.peer_leg_id = leg.leg_id
    left join leg_media on call.peer_leg_id = leg_media.leg_id
    left join heard on call.call_no = heard.call_no
    where media_path.signalled = 'direct' and call.answered_ts is not null and media_path.peer_to_client_packets > 0
)

select
    call_no as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('the endpoint sent {} packets directly', client_to_peer_packets)
        when status = 'fail'
            then format('no direct media from the endpoint in {:.1f} s, while the peer sent {} packets', answered_s, peer_to_client_packets)
        when not is_visible then 'no direct media from the endpoint, but nothing shows that the capture would have seen it'
        when not may_send then 'no direct media from the endpoint, but the directions agreed let it send none (hold)'
        else format('no direct media from the endpoint, but only {:.1f} s passed since the answer', coalesce(answered_s, 0))
    end as reason,
    evidence
from judged
