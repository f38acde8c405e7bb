/* One row per audio offer that a Mediation Server made to a peer, or somebody to nobody known, and how it was answered. */
-- needs: offer_answer
create or replace table peer_offer as
with

addressed as (
    select
        offer_answer.*,
        leg.peer_ip,
        leg.answered_ts,
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

refused as (
    select *
    from addressed
    where offered_to <> 'another' and outcome in ('rejected', 'stream_rejected')
),

words as (
    select
        refused.oa_id,
        if(
            refused.outcome = 'stream_rejected',
            'port 0 for the audio stream',
            refused.answer_status || coalesce(' ' || answer.reason_phrase, '')
        ) as answer_words,
        answer.warning,
        -- RFC 3261 section 20.43: 3xx warnings are about the session description; 399 is anything at all.
        coalesce(regexp_matches(answer.warning, '(^|,)\s*3([0-8][0-9]|9[0-8])\s'), false) as warns_of_media,
        nullif(regexp_extract(
            concat_ws(' ', answer.reason_phrase, answer.warning, answer.ms_diagnostics), '(?i)\b52017\b|encryption levels?[^";,]*'
        ), '') as encryption_words
    from refused
    inner join message as answer on refused.answer_id = answer.message_id
)

select
    addressed.oa_id,
    addressed.leg_id,
    addressed.dialog_id,
    call_leg.call_no,
    addressed.peer_ip,
    addressed.offered_to,
    addressed.offer_is_endpoint,
    addressed.answered_ts,
    addressed.offer_id,
    addressed.offer_ts,
    addressed.offer_method,
    addressed.offer_ip,
    addressed.offer_port,
    addressed.offer_proto,
    addressed.offer_direction,
    addressed.answer_id,
    addressed.answer_ts,
    addressed.answer_status,
    addressed.answer_ip,
    addressed.answer_port,
    addressed.answer_proto,
    addressed.answer_direction,
    addressed.outcome,
    words.answer_words,
    words.warning,
    coalesce(words.warns_of_media, false) as warns_of_media,
    words.encryption_words
from addressed
left join call_leg on addressed.leg_id = call_leg.leg_id
left join words on addressed.oa_id = words.oa_id
where addressed.offered_to <> 'another';

comment on table peer_offer is
'One row per audio offer that a Mediation Server made to a peer, or somebody to nobody known, and the answer.';
comment on column peer_offer.oa_id is 'offer_answer.oa_id.';
comment on column peer_offer.leg_id is 'leg.leg_id.';
comment on column peer_offer.dialog_id is 'dialog.dialog_id, or NULL.';
comment on column peer_offer.call_no is 'call.call_no.';
comment on column peer_offer.peer_ip is 'leg.peer_ip.';
comment on column peer_offer.offered_to is 'peer, or unknown: then it is not known which end is the peer.';
comment on column peer_offer.offer_is_endpoint is
'True: a client''s address was offered; false: a Mediation Server''s or peer''s; NULL: not known whose.';
comment on column peer_offer.answered_ts is 'leg.answered_ts.';
comment on column peer_offer.offer_id is 'message_id of the offer.';
comment on column peer_offer.offer_ts is 'Its time, on the reference clock (UTC).';
comment on column peer_offer.offer_method is 'INVITE, PRACK or UPDATE.';
comment on column peer_offer.offer_ip is 'Address offered.';
comment on column peer_offer.offer_port is 'Port offered.';
comment on column peer_offer.offer_proto is 'Profile offered.';
comment on column peer_offer.offer_direction is 'Direction offered.';
comment on column peer_offer.answer_id is 'message_id of the answer, or of the failure.';
comment on column peer_offer.answer_ts is 'Its time, on the reference clock (UTC).';
comment on column peer_offer.answer_status is 'Its status.';
comment on column peer_offer.answer_ip is 'Address answered.';
comment on column peer_offer.answer_port is 'Port answered.';
comment on column peer_offer.answer_proto is 'Profile answered.';
comment on column peer_offer.answer_direction is 'Direction answered.';
comment on column peer_offer.outcome is 'offer_answer.outcome.';
comment on column peer_offer.answer_words is 'The refusal in words; NULL where it was not refused.';
comment on column peer_offer.warning is 'Warning header of the refusal.';
comment on column peer_offer.warns_of_media is 'True where a Warning speaks of the session description: 300 to 398.';
comment on column peer_offer.encryption_words is 'What the refusal says of encryption; NULL where it says nothing.';
