/*
id = "DMR001"
title = "Peer refused an offer with an endpoint's address"
severity = "high"
status = "stable"
subject = "leg"
meaning = """
The Mediation Server offered the peer the media address of an endpoint, as bypass asks, and the peer turned the offer away: with one
of the answers in refusal_statuses, with another failure whose Warning speaks of media, or by accepting the call with the audio
stream at port 0. Judged are legs on which the peer accepted or refused such an offer; busy, unknown numbers, challenges for
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
*/
with

-- Audio offers and what became of them, on legs that have a peer or whose ends are not known.
refused_offers as (
    select oa_id
    from offer_answer
    where outcome = 'stream_rejected' or (outcome = 'rejected' and list_contains($refusal_statuses, answer_status))
),

offers as (
    select
        offer_answer.*,
        leg.peer_ip,
        case
            when coalesce(leg.side, 'unknown') = 'unknown' then 'unknown'
            when leg.side <> 'peer' then 'another'
            when leg.invited_by = 'mediation' and offer_answer.offered_by = 'caller' then 'peer'
            when leg.invited_by = 'peer' and offer_answer.offered_by = 'callee' then 'peer'
            when coalesce(leg.invited_by, 'unknown') = 'unknown' then 'unknown'
            else 'another'
        end as offered_to
    from offer_answer
    inner join leg using (leg_id)
    where offer_answer.media = 'audio'
),

words as (
    select
        offers.oa_id,
        offers.answer_status || coalesce(' ' || answer.reason_phrase, '') as answer_words,
        answer.warning,
        -- RFC 3261 section 20.43: 3xx warnings are about the session description; 399 is anything at all.
        regexp_matches(answer.warning, '(^|,)\s*3([0-8][0-9]|9[0-8])\s') as warns_of_media,
        regexp_extract(
            concat_ws(' ', answer.reason_phrase, answer.warning, answer.ms_diagnostics), '(?i)\b52017\b|encryption levels?[^";,]*'
        ) as encryption_words
    from offers
    inner join message as answer on offers.answer_id = answer.message_id
    where offers.outcome in ('rejected', 'stream_rejected')
),

told as (
    select
        offers.*,
        case when offers.outcome = 'stream_rejected' then 'port 0 for the audio stream' else words.answer_words end as answer_words,
        words.warning,
        nullif(words.encryption_words, '') as encryption_words,
        refused_offers.oa_id is not null
        or (
            offers.outcome = 'rejected'
            and offers.answer_status not in (401, 407, 491)
            and coalesce(words.warns_of_media, false)
        ) as is_refused,
        -- Without knowing whose address it was, only answers about media count as refusals worth a word.
        offers.answer_status in (415, 488, 606)
        or offers.outcome = 'stream_rejected'
        or coalesce(words.warns_of_media, false) as is_about_media
    from offers
    left join words using (oa_id)
    left join refused_offers using (oa_id)
    where offers.offered_to <> 'another'
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

calls_of_legs as (
    select
        leg_id,
        min(call_no) as call_no
    from call_leg
    group by leg_id
),

accepted_in_call as (
    select
        calls_of_legs.call_no,
        min(told.offer_id) as offer_id
    from told
    inner join calls_of_legs using (leg_id)
    where told.offered_to = 'peer' and not told.offer_is_endpoint and told.outcome = 'accepted'
    group by calls_of_legs.call_no
),

verdicts as (
    select
        told.*,
        calls_of_legs.call_no,
        accepted_in_call.offer_id as mediated_offer_id,
        coalesce(own_address.accepted, 0) as mediated_accepted,
        coalesce(list_contains(own_address.refusals, told.answer_status), false)
        and coalesce(own_address.accepted, 0) = 0 as refuses_all,
        case
            when told.offered_to = 'unknown' or told.offer_is_endpoint is null
                then case when told.is_refused and told.is_about_media then 'unknown' end
            when not told.offer_is_endpoint then null
            when told.is_refused and (told.encryption_words is not null or refuses_all) then 'unknown'
            when told.is_refused then 'fail'
            when told.outcome = 'accepted' then 'pass'
        end as status
    from told
    left join calls_of_legs using (leg_id)
    left join accepted_in_call on calls_of_legs.call_no = accepted_in_call.call_no
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
),

-- Evidence is gathered where it is kept: not for passes.
seen as (
    select
        leg_id,
        offer_id as message_id,
        1 as seen_order,
        format('{} offers audio at {}', offer_method, offer_ip) as note
    from judged
    where status <> 'pass'
    union all
    select
        leg_id,
        answer_id as message_id,
        2 as seen_order,
        answer_words as note
    from judged
    where status <> 'pass'
    union all
    select
        leg_id,
        mediated_offer_id as message_id,
        3 as seen_order,
        'offer of the Mediation Server''s own address, accepted' as note
    from judged
    where status = 'fail'
),

proof as (
    select
        seen.leg_id,
        list({
            'source_id': message.source_id, 'frame': message.frame, 'line': message.line, 'note': seen.note
        } order by seen.seen_order) as evidence
    from seen
    inner join message using (message_id)
    group by seen.leg_id
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
                when judged.mediated_offer_id is not null then '; in the same call it accepted the Mediation Server''s'
                when judged.mediated_accepted > 0
                    then format('; it accepted the Mediation Server''s in {} other offers', judged.mediated_accepted)
            end
        )
    end as reason,
    coalesce(proof.evidence, []) as evidence
from judged
left join proof using (leg_id)
