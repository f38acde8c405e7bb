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
        call.sources,
        call.peer_ip,
        call.peer_media_ip,
        call.client_media_ip,
        call.answered_ts,
        call.ended_ts,
        media_path.visible,
        media_path.observed_reason,
        media_path.client_to_peer_packets,
        media_path.peer_to_client_packets,
        media_path.via_mediation_packets,
        media_path.evidence
    from call
    inner join media_path using (call_no)
    where media_path.signalled = 'direct' and call.answered_ts is not null
),

read_of_call as (
    select
        call_no,
        unnest(sources) as source_id
    from agreed
),

watched as (
    select
        read_of_call.call_no,
        max(source.last_ts + to_milliseconds(coalesce(source.clock_offset_ms, 0))) as last_ts
    from read_of_call
    inner join source using (source_id)
    group by read_of_call.call_no
),

-- A call whose end was not seen lasted at least as long as its sources do.
timed as (
    select
        agreed.call_no,
        date_diff('millisecond', agreed.answered_ts, coalesce(agreed.ended_ts, watched.last_ts)) / 1000.0 as answered_s
    from agreed
    left join watched using (call_no)
),

lasting as (
    select
        *,
        answered_s >= $min_answered_s as is_long_enough
    from timed
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
    from offer_answer
    inner join leg using (leg_id)
    inner join call_leg using (leg_id)
    where leg.side = 'peer' and offer_answer.media = 'audio' and offer_answer.outcome = 'accepted'
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

judged as (
    select
        agreed.*,
        lasting.answered_s,
        lasting.is_long_enough,
        refused_packets.peer_was_refused,
        refused_packets.evidence as icmp_evidence,
        coalesce(directions.may_send, true) as may_send,
        case
            when coalesce(agreed.peer_to_client_packets, 0) > 0 then 'pass'
            when not coalesce(agreed.visible, false) then 'unknown'
            when not coalesce(lasting.is_long_enough, false) then 'unknown'
            when not coalesce(directions.may_send, true) then 'unknown'
            else 'fail'
        end as status
    from agreed
    inner join lasting using (call_no)
    left join directions using (call_no)
    left join refused_packets using (call_no)
)

select
    judged.call_no as subject_id,
    judged.call_no,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('the peer sent {} packets directly', judged.peer_to_client_packets)
        when not coalesce(judged.visible, false)
            then concat('direct media was agreed, but the capture could not have shown it', ': ' || judged.observed_reason)
        when judged.status = 'unknown' and judged.answered_s is null
            then 'direct media was agreed, but how long the call lasted is not known'
        when judged.status = 'unknown' and not judged.is_long_enough
            then format('no direct media from the peer, but only {:.1f} s passed since the answer', judged.answered_s)
        when judged.status = 'unknown' then 'no direct media from the peer, but the directions agreed let it send none (hold)'
        else concat(
            format('no direct media from the peer in {:.1f} s', judged.answered_s),
            case
                when coalesce(judged.client_to_peer_packets, 0) > 0
                    then format(', while the endpoint sent it {} packets', judged.client_to_peer_packets)
                else ', nor from the endpoint'
            end,
            case
                when coalesce(judged.via_mediation_packets, 0) > 0
                    then format('; {} packets went through the Mediation Server', judged.via_mediation_packets)
            end,
            case
                when judged.peer_was_refused then '; ICMP errors show that it tried, and that the network turned its packets away'
                when judged.icmp_evidence is not null then '; ICMP errors show that the endpoint''s packets were turned away'
            end
        )
    end as reason,
    list_concat(judged.evidence, judged.icmp_evidence) as evidence
from judged
