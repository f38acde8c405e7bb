/*
id = "DMR003"
title = "Peer accepted an endpoint's address, but wants no media"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The Mediation Server offered an endpoint's address to send and receive, and the peer took the call with a=inactive or with the address
0.0.0.0: a polite refusal of direct media. Judged are accepted offers of an endpoint's address with direction sendrecv. Port 0 is
DMR001's. A peer that answers the Mediation Server's own address in the same way is undecided."""
impact = """
The call stands, and both sides hear nothing until somebody offers media anew."""
causes = [
    "The SBC holds the media back until it knows a relay for the endpoint's address.",
    "The peer's policy forbids media outside its trunk.",
    "The call was answered on hold, as by an attendant console.",
]
confirm = [
    "siplens call CALL: c= and direction in the peer's answer.",
    "Does an UPDATE or re-INVITE follow that opens the media?",
    "siplens peers: direct offers made, accepted and refused by this peer.",
]
fix = [
    "Allow media to and from the client subnets on the gateway or SBC.",
    "Where the peer must not take such media, turn EnableBypass off for its trunk.",
]
falsepositives = [
    "A call answered on hold, or early media that is opened later: siplens passes legs whose media was opened by a later exchange.",
]
references = [
    "RFC 3264 section 6.1: answers with inactive; section 8.4: hold by 0.0.0.0",
    "RFC 3960 section 3: early media",
]
*/
with

offered as (
    select
        *,
        answer_direction = 'inactive' or answer_ip in ('0.0.0.0', '::') as is_silent,
        row_number() over (partition by leg_id order by oa_id desc) = 1 as is_last
    from peer_offer
    where outcome = 'accepted' and offer_direction = 'sendrecv' and offer_ip not in ('0.0.0.0', '::')
),

own_address as (
    select
        peer_ip,
        bool_and(is_silent) as is_silent
    from offered
    where not offer_is_endpoint and offered_to = 'peer'
    group by peer_ip
),

-- What a later exchange on the leg opened was not refused.
judged as (
    select
        offered.*,
        case
            when offered.offered_to = 'unknown' or offered.offer_is_endpoint is null then if(offered.is_silent, 'unknown', null)
            when not offered.is_silent then 'pass'
            when own_address.is_silent then 'unknown'
            else 'fail'
        end as status
    from offered
    left join own_address on offered.peer_ip = own_address.peer_ip
    where offered.is_last and coalesce(offered.offer_is_endpoint, true)
)

select
    leg_id as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('the peer answered {} with media of its own', offer_ip)
        when offered_to = 'unknown' then format('{} was answered without media, but which end is the peer is not known', offer_ip)
        when offer_is_endpoint is null then format('{} was answered without media, but whose address that is is not known', offer_ip)
        when status = 'unknown' then 'answered without media, but the peer answers the Mediation Server''s own address alike'
        else format(
            'the peer accepted the endpoint''s address {} and answered with {}', offer_ip,
            if(answer_direction = 'inactive', 'inactive', 'the address ' || answer_ip)
        )
    end as reason,
    [
        { 'message_id': offer_id, 'note': format('{} offers audio at {}', offer_method, offer_ip) },
        { 'message_id': answer_id, 'note': format('answer: {} port {}, {}', answer_ip, answer_port, answer_direction) }
    ] as evidence
from judged
where status is not null
