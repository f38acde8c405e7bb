/*
id = "DMR006"
title = "Media was pulled back to the Mediation Server soon after it went direct"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
Direct media was agreed with the peer, and soon after the answer a re-INVITE or UPDATE gave the peer the Mediation Server's address
instead, without a transfer or conference: bypass was tried and given up. Judged are answered calls with direct media agreed. soon_s is
how long after the answer, in seconds, the change still counts as giving up; what comes later is BYP003's."""
impact = """
The first seconds of the call are often silent or one-way, and then media takes the detour that bypass was to spare."""
causes = [
    "No direct media arrived, and the Mediation Server or the endpoint gave it up.",
    "The peer offered its media anew and got the Mediation Server's address.",
    "A recorder or another device in the call needs the media to pass the server.",
]
confirm = [
    "siplens call CALL: who sent the re-INVITE, and were there RTP packets between endpoint and peer before it?",
    "Are there ICMP errors for direct media (DMR004)?",
    "siplens peers: how many direct offers of this peer stayed direct?",
]
fix = [
    "Mend the path between client subnets and the peer's media address (DMR002, DMR004, DMR005).",
    "Where direct media cannot work, turn EnableBypass off for the trunk.",
]
falsepositives = [
    "A conference that siplens did not recognise.",
]
references = [
    "RFC 3261 section 14: re-INVITE; RFC 3311: UPDATE",
    "Microsoft: Plan for media bypass in Skype for Business",
]
[params]
soon_s = 30.0
*/
with

judged as (
    select
        direct_spell.*,
        media_path.client_to_peer_packets,
        media_path.peer_to_client_packets,
        coalesce(bypass_fact.was_transferred, false) or bypass_fact.conference_id is not null as has_other_reason,
        date_diff('millisecond', direct_spell.answered_ts, direct_spell.lost_ts) / 1000.0 as after_s,
        case
            when direct_spell.lost_ts is null or direct_spell.came_back or has_other_reason or after_s > $soon_s then 'pass'
            when media_path.client_to_peer_packets > 0 and media_path.peer_to_client_packets > 0 then 'unknown'
            else 'fail'
        end as status
    from direct_spell
    left join bypass_fact using (call_no)
    left join media_path using (call_no)
    where direct_spell.answered_ts is not null
)

select
    leg_id as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when lost_ts is null then 'media stayed direct'
        when came_back then 'media went direct again'
        when has_other_reason then 'media left the direct path with a transfer or conference'
        when status = 'pass' then format('media stayed direct for {:.1f} s', after_s)
        when status = 'unknown'
            then
                format(
                    'media was given to {} {:.1f} s after the answer, though direct media flowed both ways: why is not shown',
                    mediated_ip,
                    after_s
                )
        else concat(
            format('{:.1f} s after the answer media was given to {} instead of {}, by offer of ', after_s, mediated_ip, endpoint_ip),
            if(lost_by = 'peer', 'the peer', 'the Mediation Server')
        )
    end as reason,
    [
        { 'message_id': agreed_id, 'note': format('offer that led to direct media with {}', endpoint_ip) },
        { 'message_id': lost_id, 'note': format('offer that moved media to {}', mediated_ip) }
    ] as evidence
from judged
