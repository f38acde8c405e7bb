/*
id = "DMR002"
title = "Direct media was agreed, but the peer sent none"
severity = "high"
status = "stable"
subject = "call"
meaning = """
Offer and answer agreed that endpoint and peer send each other media directly, the call was answered and lasted, and no RTP came
from the peer to the endpoint, although the capture was made where it would have been seen. Judged are answered calls with direct
media agreed. min_answered_s is the shortest talking time, in seconds, that lets silence count."""
impact = """
The person at the endpoint hears nothing. Callers try again, and one-way calls seem to come and go with the subnet that people
happen to sit in."""
causes = [
    "The peer accepts the endpoint's address in signalling, but its access list or routing does not let media reach it.",
    "A firewall between peer and client subnet blocks the media ports.",
    "The peer sends to another endpoint's address: that of the first early dialog rather than of the one that was answered.",
    "The peer keeps sending to the Mediation Server.",
]
confirm = [
    "siplens call CALL: RTP flows by direction, and where the peer's packets went instead, if they were seen.",
    "ICMP errors in the evidence name the router or host that refused the packets.",
    "Capture at the peer's network interface: does it send, and to which address?",
]
fix = [
    "Open the media port ranges between the peer's media address and the client subnets, in both directions.",
    "Give the peer a route to the client subnets.",
    "Where such media cannot be allowed, turn EnableBypass off for the trunk.",
]
falsepositives = [
    "A peer that suppresses silence may send little, but hardly nothing.",
    "A capture point beside the path: siplens calls the media visible only where other media of the kind was seen there.",
    "Hold: while the agreed direction lets the peer send nothing, the verdict is unknown.",
]
references = [
    "RFC 3264 section 5.1: directions sendrecv, sendonly, recvonly, inactive",
    "RFC 792 and RFC 1812 section 5.2.7.1: ICMP destination unreachable",
    "Microsoft: Plan for media bypass in Skype for Business",
]
[params]
min_answered_s = 3.0
*/
with

agreed as (
    select
        call.call_no,
        call.peer_ip,
        call.answered_ts,
        call.ended_ts,
        coalesce(media_path.visible, false) as is_visible,
        coalesce(media_path.peer_to_client_packets, 0) as from_peer,
        coalesce(media_path.client_to_peer_packets, 0) as to_peer,
        coalesce(media_path.via_mediation_packets, 0) as via_mediation
    from call
    inner join media_path on call.call_no = media_path.call_no
    where media_path.signalled = 'direct' and call.answered_ts is not null
),

-- A call whose end was not seen lasted at least as long as its sources do.
read_of_call as (
    select
        agreed.call_no,
        unnest(call.sources) as source_id
    from agreed
    inner join call on agreed.call_no = call.call_no
    where agreed.from_peer = 0 and agreed.ended_ts is null
),

watched as (
    select
        read_of_call.call_no,
        max(source.last_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint)) as last_ts
    from read_of_call
    inner join source on read_of_call.source_id = source.source_id
    group by read_of_call.call_no
),

-- Whether the peer may send by what was agreed: on the peer's leg, both ends' directions in each accepted exchange.
directions as (
    select
        call_leg.call_no,
        bool_or(case
            when (leg.invited_by = 'peer') = (offer_answer.offered_by = 'caller')
                then offer_answer.offer_direction in ('sendrecv', 'sendonly') and offer_answer.answer_direction in ('sendrecv', 'recvonly')
            else offer_answer.answer_direction in ('sendrecv', 'sendonly') and offer_answer.offer_direction in ('sendrecv', 'recvonly')
        end) as may_send
    from agreed
    inner join call_leg on agreed.call_no = call_leg.call_no
    inner join leg on call_leg.leg_id = leg.leg_id
    inner join offer_answer on leg.leg_id = offer_answer.leg_id
    where agreed.from_peer = 0 and leg.side = 'peer' and offer_answer.media = 'audio' and offer_answer.outcome = 'accepted'
    group by call_leg.call_no
),

refused_packets as (
    select
        call_no,
        bool_or(is_from_peer) as peer_was_refused,
        list({
            'source_id': source_id,
            'frame': frame,
            'line': null::bigint,
            'note': format('ICMP {} from {}', meaning, reporter_ip)
        } order by ts) as evidence
    from direct_refusal
    group by call_no
),

timed as (
    select
        agreed.*,
        coalesce(directions.may_send, true) as may_send,
        date_diff('millisecond', agreed.answered_ts, coalesce(agreed.ended_ts, watched.last_ts)) / 1000.0 as answered_s
    from agreed
    left join watched on agreed.call_no = watched.call_no
    left join directions on agreed.call_no = directions.call_no
),

judged as (
    select
        *,
        case
            when from_peer > 0 then 'pass'
            when not is_visible or answered_s is null or answered_s < $min_answered_s or not may_send then 'unknown'
            else 'fail'
        end as status
    from timed
)

select
    judged.call_no as subject_id,
    judged.call_no,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('the peer sent {} packets directly', judged.from_peer)
        when not judged.is_visible
            then concat('direct media was agreed, but the capture could not have shown it', ': ' || media_path.observed_reason)
        when judged.answered_s is null then 'direct media was agreed, but how long the call lasted is not known'
        when judged.answered_s < $min_answered_s
            then format('no direct media from the peer, but only {:.1f} s passed since the answer', judged.answered_s)
        when judged.status = 'unknown' then 'no direct media from the peer, but the directions agreed let it send none (hold)'
        else concat(
            format('no direct media from the peer in {:.1f} s', judged.answered_s),
            case
                when judged.to_peer > 0 then format(', while the endpoint sent it {} packets', judged.to_peer)
                else ', nor from the endpoint'
            end,
            case
                when judged.via_mediation > 0 then format('; {} packets went through the Mediation Server', judged.via_mediation)
            end,
            case
                when refused_packets.peer_was_refused
                    then '; ICMP errors show that it tried, and that the network turned its packets away'
                when refused_packets.call_no is not null then '; ICMP errors show that the endpoint''s packets were turned away'
            end
        )
    end as reason,
    list_concat(media_path.evidence, refused_packets.evidence) as evidence
from judged
left join media_path on judged.call_no = media_path.call_no and judged.status <> 'pass'
left join refused_packets on judged.call_no = refused_packets.call_no and judged.status <> 'pass'
