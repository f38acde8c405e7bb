/*
id = "DMR001"
title = "Peer refused an offer with an endpoint's address"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The Mediation Server offered the peer the media address of an endpoint, as bypass asks, and the peer turned the offer away: with one
of the answers in refusal_statuses, with another failure whose Warning speaks of media, or by accepting the call with the audio
stream at port 0. An answer in contrast_statuses may mean anything; it counts where the same call went through at once with the
Mediation Server's own address. Judged are legs on which the peer accepted or refused such an offer; busy, unknown numbers, challenges for
credentials and 491 say nothing about media. A refusal for encryption is undecided, for it says nothing about the address, and so is
one that the peer gives to the Mediation Server's own address as well."""
impact = """
Bypass does not come about on this trunk. At best the Mediation Server offers its own address next and carries the media; at worst
the call fails, or is set up only after a delay that callers hear."""
causes = [
    "The provider's or gateway's policy takes media from the Mediation Server's address only.",
    "The peer has no route to the client subnets, or a firewall that checks signalled media addresses.",
    "The peer does not know the address family, transport or profile offered.",
    "The trunk was never meant to bypass: EnableBypass is on by mistake.",
]
confirm = [
    "siplens call CALL: compare the c= address of the refused offer with that of the next one.",
    "Read the Warning header of the refusal: 301 and 370 point at the address, 304 to 307 at codecs and attributes.",
    "siplens peers: direct offers made, accepted and refused by this peer, and how.",
]
fix = [
    "On the gateway or SBC, allow media to and from the client subnets.",
    "Where the peer must not take such media, turn EnableBypass off for its trunk, so that no call is delayed.",
    "Set AcceptsDirectMedia to false for this gateway in siplens' configuration, so that bypass is no longer expected.",
]
falsepositives = [
    "403 for a number that may not be called: siplens compares with offers of the Mediation Server's address where there are any.",
    "The offer had another fault, such as codecs that the peer does not have, besides the endpoint's address.",
]
references = [
    "RFC 3261 sections 20.43 (Warning), 21.4.13 (415), 21.4.26 (488), 21.6.4 (606)",
    "RFC 3264 section 6: a stream refused with port 0",
    "Microsoft: Deploy media bypass, trunks of internet telephony providers",
]
[params]
refusal_statuses = [403, 415, 488, 606]
contrast_statuses = [400, 480, 500, 503]
*/
with

told as (
    select
        *,
        outcome = 'stream_rejected'
        or (outcome = 'rejected' and list_contains($refusal_statuses, answer_status))
        or (outcome = 'rejected' and warns_of_media) as is_refused,
        outcome = 'rejected' and list_contains($contrast_statuses, answer_status) as may_be_refused,
        -- Without knowing whose address it was, only answers about media count as refusals worth a word.
        answer_status in (415, 488, 606) or outcome = 'stream_rejected' or warns_of_media as is_about_media
    from peer_offer
),

-- How the same peer answers when the Mediation Server offers its own address: the contrast that tells address from other faults.
own_address as (
    select
        peer_ip,
        count(*) filter (where outcome = 'accepted') as accepted,
        list_distinct(list(answer_status) filter (where is_refused)) as refusals
    from told
    where offered_to = 'peer' and not offer_is_endpoint
    group by peer_ip
),

accepted_in_call as (
    select
        call_no,
        max(offer_id) as offer_id
    from told
    where offered_to = 'peer' and not offer_is_endpoint and outcome = 'accepted'
    group by call_no
),

verdicts as (
    select
        told.*,
        -- An answer that may mean anything means the address where the next offer, of the Mediation Server's, was accepted.
        told.is_refused or (told.may_be_refused and coalesce(accepted_in_call.offer_id > told.offer_id, false)) as counts,
        accepted_in_call.offer_id as mediated_offer_id,
        coalesce(own_address.accepted, 0) as mediated_accepted,
        coalesce(list_contains(own_address.refusals, told.answer_status) and own_address.accepted = 0, false) as refuses_all,
        case
            when told.offered_to = 'unknown' or told.offer_is_endpoint is null
                then case when told.is_refused and told.is_about_media then 'unknown' end
            when not told.offer_is_endpoint then null
            when counts and (told.encryption_words is not null or refuses_all) then 'unknown'
            when counts then 'fail'
            when told.outcome = 'accepted' then 'pass'
        end as status
    from told
    left join accepted_in_call on told.call_no = accepted_in_call.call_no
    left join own_address on told.peer_ip = own_address.peer_ip
),

-- A leg with several offers is judged by its worst: refused, then undecided, then accepted.
judged as (
    select
        *,
        list_position(['fail', 'unknown', 'pass'], status) as severity_order
    from verdicts
    where status is not null
    qualify row_number() over (partition by leg_id order by severity_order, oa_id) = 1
)

select
    judged.leg_id as subject_id,
    judged.call_no,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.status = 'pass' then format('the peer accepted the offer of {}', judged.offer_ip)
        when judged.encryption_words is not null
            then format('{}: for encryption ({}), which says nothing about the address', judged.answer_words, judged.encryption_words)
        when judged.offered_to = 'unknown'
            then format('{} to the offer of {}, but which end is the peer is not known', judged.answer_words, judged.offer_ip)
        when judged.offer_is_endpoint is null
            then format('{} to the offer of {}, but whose address that is is not known', judged.answer_words, judged.offer_ip)
        when judged.refuses_all
            then format('{}, but the peer answers offers of the Mediation Server''s own address alike', judged.answer_words)
        else concat(
            format('{} to the offer of the endpoint''s address {}', judged.answer_words, judged.offer_ip),
            ' (Warning: ' || judged.warning || ')',
            case
                when judged.mediated_offer_id is not null then '; in the same call it accepted the Mediation Server''s own address'
                when judged.mediated_accepted > 0
                    then format(
                        '; it accepted the Mediation Server''s own address in {} other offer{}',
                        judged.mediated_accepted,
                        if(judged.mediated_accepted = 1, '', 's')
                    )
            end
        )
    end as reason,
    [
        { 'message_id': judged.offer_id, 'note': format('{} offers audio at {}', judged.offer_method, judged.offer_ip) },
        { 'message_id': judged.answer_id, 'note': judged.answer_words },
        {
            'message_id': if(judged.status = 'fail', judged.mediated_offer_id, null),
            'note': 'offer of the Mediation Server''s own address, accepted'
        }
    ] as evidence
from judged
