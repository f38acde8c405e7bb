/*
id = "DMR009"
title = "Peer never took direct media in all attempts"
severity = "high"
status = "stable"
subject = "peer"
meaning = """
Over all calls read, the Mediation Server offered this peer an endpoint's address min_attempts times or more, and the peer took none of
the offers: it refused each, or sent no media where it would have been seen. Judged are peers that were offered direct media. The
interval says how large the share of calls it takes could still be, at 95 % confidence."""
impact = """
Bypass does not exist on this trunk, whatever its configuration says: every call tries it, fails, and takes the detour, or is lost."""
causes = [
    "The provider takes media from the Mediation Server's address only.",
    "The gateway has no route to the client subnets.",
    "EnableBypass is on for the trunk by mistake.",
]
confirm = [
    "siplens peers NAME prints the attempts, how each was refused, and the proof frames.",
    "Ask the provider whether media from other addresses is allowed.",
]
fix = [
    "Let the gateway or SBC accept media from the client subnets.",
    "Or turn EnableBypass off for the trunk, and set AcceptsDirectMedia to false in siplens' configuration.",
]
falsepositives = [
    "All attempts came from one subnet that has no route, while others would work: look at the addresses offered.",
]
references = [
    "Microsoft: Deploy media bypass, trunks of internet telephony providers",
    "E. B. Wilson, Probable inference, 1927: the interval of a share",
]
[params]
min_attempts = 3
refusal_statuses = [403, 415, 488, 606]
*/
with

attempt as (
    select
        peer_offer.peer_ip,
        peer_offer.offer_id,
        peer_offer.answer_id,
        peer_offer.outcome,
        peer_offer.answer_words,
        peer_offer.offer_ip,
        case
            when peer_offer.outcome = 'stream_rejected' or peer_offer.warns_of_media then 'refused'
            when peer_offer.outcome = 'rejected' and list_contains($refusal_statuses, peer_offer.answer_status) then 'refused'
            when peer_offer.outcome <> 'accepted' then null
            when peer_offer.answer_direction = 'inactive' or peer_offer.answer_ip in ('0.0.0.0', '::') then 'refused'
            when media_path.signalled = 'direct' and media_path.visible and media_path.peer_to_client_packets = 0 then 'silent'
            else 'taken'
        end as result
    from peer_offer
    left join media_path using (call_no)
    where peer_offer.offered_to = 'peer' and peer_offer.offer_is_endpoint
),

counted as (
    select
        peer_ip,
        count(*) as attempts,
        count(*) filter (where result = 'taken') as taken,
        count(*) filter (where result = 'refused') as refused,
        count(*) filter (where result = 'silent') as silent,
        flatten(list([
            { 'message_id': offer_id, 'note': format('offers {}', offer_ip) },
            { 'message_id': answer_id, 'note': coalesce(answer_words, 'answer') }
        ] order by offer_id)[:10]) as evidence
    from attempt
    where result is not null
    group by peer_ip
),

judged as (
    select
        *,
        case
            when taken > 0 then 'pass'
            when attempts >= $min_attempts then 'fail'
            else 'unknown'
        end as status
    from counted
)

select
    peer_ip as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('took direct media in {} of {} attempts', taken, attempts)
        else concat(
            format('took direct media in none of {} attempts: {} refused, {} accepted without sending', attempts, refused, silent),
            if(
                status = 'fail',
                format('; at 95 % confidence it takes at most {:.0f} % of such calls', 100 * wilson_high(0, attempts)),
                '; too few to tell'
            )
        )
    end as reason,
    evidence
from judged
