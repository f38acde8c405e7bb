/* One row per offer, dialog that it was made to, and audio m-line: what was offered, by whom, and what became of it (RFC 3264). */
-- needs: counted_sdp
create or replace table offer_answer as
with

counted as not materialized (
    select
        *,
        method = 'INVITE' and status is null as is_invite,
        status between 101 and 199 as is_provisional,
        status between 200 and 299 as is_success
    from leg_message
    where is_first and method in ('INVITE', 'ACK', 'PRACK', 'UPDATE')
),

-- What an m-line says, to tell whether the 200 repeats the 183.
wording as (
    select
        message_id,
        bit_xor(hash(audio_no, address, port, direction, codecs)) as wording
    from counted_sdp
    group by message_id
),

invite as (
    select
        leg_id,
        cseq,
        asked_by_caller,
        arg_min(message_id, seq) as message_id,
        arg_min(has_sdp, seq) as has_sdp,
        arg_min(dialog_id, seq) as dialog_id
    from counted
    where is_invite
    group by leg_id, cseq, asked_by_caller
),

-- Each dialog answers for itself: the first reliable 18x with SDP, else the 2xx; an unreliable 18x shows the answer early.
worded as (
    select
        counted.*,
        wording.wording
    from counted
    left join wording on counted.message_id = wording.message_id
    where counted.method = 'INVITE' and counted.has_sdp
),

response_sdp as (
    select
        leg_id,
        cseq,
        asked_by_caller,
        dialog_id,
        arg_min(message_id, seq) filter (where is_provisional and rseq is not null) as reliable_id,
        arg_min(message_id, seq) filter (where is_provisional and rseq is null) as preview_id,
        arg_min(wording, seq) filter (where is_provisional and rseq is null) as preview_wording,
        arg_min(message_id, seq) filter (where is_success) as success_id,
        arg_min(wording, seq) filter (where is_success) as success_wording
    from worded
    where is_provisional or is_success
    group by leg_id, cseq, asked_by_caller, dialog_id
),

first_sdp as (
    select
        * exclude (preview_wording, success_wording),
        case
            when reliable_id is not null then reliable_id
            when success_id is null or preview_wording = success_wording then coalesce(preview_id, success_id)
            else success_id
        end as message_id
    from response_sdp
),

failure as (
    select
        leg_id,
        cseq,
        method,
        asked_by_caller,
        arg_max(message_id, seq) as message_id,
        arg_max(dialog_id, seq) as dialog_id
    from counted
    where status >= 300
    group by leg_id, cseq, method, asked_by_caller
),

-- An INVITE with SDP offers; the responses answer.
offered_by_invite as (
    select
        invite.leg_id,
        coalesce(first_sdp.dialog_id, failure.dialog_id, invite.dialog_id) as dialog_id,
        invite.message_id as offer_id,
        invite.asked_by_caller as by_caller,
        coalesce(first_sdp.message_id, failure.message_id) as reply_id
    from invite
    left join first_sdp using (leg_id, cseq, asked_by_caller)
    left join failure
        on
            first_sdp.leg_id is null and failure.method = 'INVITE' and invite.leg_id = failure.leg_id
            and invite.cseq = failure.cseq and invite.asked_by_caller = failure.asked_by_caller
    where invite.has_sdp
),

-- An INVITE without SDP asks for an offer: it comes in the first reliable 18x or the 2xx. PRACK or ACK answers.
late_offer as (
    select
        first_sdp.leg_id,
        first_sdp.cseq,
        first_sdp.asked_by_caller,
        first_sdp.dialog_id,
        coalesce(first_sdp.reliable_id, first_sdp.success_id, first_sdp.preview_id) as message_id,
        if(first_sdp.reliable_id is not null, 'PRACK', 'ACK') as answer_method,
        counted.rseq
    from first_sdp
    inner join invite using (leg_id, cseq, asked_by_caller)
    -- Not =: see transaction.
    inner join counted
        on coalesce(first_sdp.reliable_id, first_sdp.success_id, first_sdp.preview_id) is not distinct from counted.message_id
    where not invite.has_sdp
),

-- RAck: RSeq, CSeq number, method (RFC 3262 7.2).
prack as (
    select
        counted.leg_id,
        counted.message_id,
        counted.dialog_id,
        try_cast(string_split(message.rack, ' ')[1] as bigint) as rseq
    from counted
    inner join message using (message_id)
    where counted.method = 'PRACK' and counted.status is null and counted.has_sdp
),

late_answer as (
    select
        late_offer.message_id as offer_id,
        arg_min(counted.message_id, counted.seq) as message_id
    from late_offer
    inner join counted
        on
            late_offer.leg_id = counted.leg_id and late_offer.dialog_id = counted.dialog_id
            and late_offer.answer_method = counted.method and counted.status is null and counted.has_sdp
    left join prack on counted.message_id = prack.message_id
    where
        (late_offer.answer_method = 'ACK' and counted.cseq = late_offer.cseq)
        or (late_offer.answer_method = 'PRACK' and coalesce(prack.rseq = late_offer.rseq, true))
    group by late_offer.message_id
),

offered_by_response as (
    select
        late_offer.leg_id,
        late_offer.dialog_id,
        late_offer.message_id as offer_id,
        not late_offer.asked_by_caller as by_caller,
        late_answer.message_id as reply_id
    from late_offer
    left join late_answer on late_offer.message_id = late_answer.offer_id
),

-- UPDATE with SDP always offers (RFC 3311); PRACK with SDP does, unless it answers (RFC 3262 5).
later_offer as (
    select counted.*
    from counted
    anti join late_answer on counted.message_id = late_answer.message_id
    where counted.method in ('PRACK', 'UPDATE') and counted.status is null and counted.has_sdp
),

later_reply as (
    select
        leg_id,
        cseq,
        method,
        asked_by_caller,
        arg_min(message_id, seq) as message_id
    from counted
    where method in ('PRACK', 'UPDATE') and (status >= 300 or (is_success and has_sdp))
    group by leg_id, cseq, method, asked_by_caller
),

offered_by_request as (
    select
        later_offer.leg_id,
        later_offer.dialog_id,
        later_offer.message_id as offer_id,
        later_offer.asked_by_caller as by_caller,
        later_reply.message_id as reply_id
    from later_offer
    left join later_reply using (leg_id, cseq, method, asked_by_caller)
),

exchange as (
    select * from offered_by_invite
    union all
    select * from offered_by_response
    union all
    select * from offered_by_request
),

-- Numbers alone are put in order; what they stand for joins afterwards.
numbered as (
    select
        exchange.*,
        offer_place.ts as offer_ts,
        reply_place.ts as answer_ts,
        offer_place.method as offer_method,
        reply_place.status as answer_status,
        coalesce(reply_place.status < 300, true) as may_answer,
        offer.m_index,
        offer.audio_no,
        row_number() over (
            partition by exchange.leg_id
            order by offer_place.ts, reply_place.ts, exchange.offer_id, exchange.reply_id, offer.m_index
        ) as ordinal
    from exchange
    -- Not =: see transaction.
    inner join leg_message as offer_place on exchange.offer_id is not distinct from offer_place.message_id
    inner join counted_sdp as offer on exchange.offer_id is not distinct from offer.message_id
    left join leg_message as reply_place on exchange.reply_id = reply_place.message_id
),

described as (
    select
        numbered.*,
        offer.address as offer_ip,
        offer.port as offer_port,
        offer.proto as offer_proto,
        offer.direction as offer_direction,
        offer.codecs as offer_codecs,
        offer.bypass_id as offer_bypass_id,
        answer.address as answer_ip,
        answer.port as answer_port,
        answer.proto as answer_proto,
        answer.direction as answer_direction,
        answer.codecs as answer_codecs,
        case host.role when 'mediation' then false when 'peer' then false when 'client' then true end as offer_is_endpoint
    from numbered
    inner join counted_sdp as offer on numbered.offer_id = offer.message_id and numbered.audio_no = offer.audio_no
    left join counted_sdp as answer
        on numbered.reply_id = answer.message_id and numbered.audio_no = answer.audio_no and numbered.may_answer
    left join host on offer.address = host.ip
)

select
    leg_id * 4096 + ordinal as oa_id,
    leg_id,
    dialog_id,
    ordinal,
    'audio' as media,
    m_index,
    offer_id,
    offer_ts,
    offer_method,
    if(by_caller, 'caller', 'callee') as offered_by,
    offer_ip,
    offer_port,
    offer_proto,
    offer_direction,
    offer_codecs,
    offer_bypass_id,
    offer_is_endpoint,
    reply_id as answer_id,
    answer_ts,
    answer_status,
    answer_ip,
    answer_port,
    answer_proto,
    answer_direction,
    answer_codecs,
    -- A challenge, a redirection, glare, a session interval and the caller's own CANCEL refuse no offer.
    case
        when reply_id is null then 'unanswered'
        when answer_status between 300 and 399 or answer_status in (401, 407, 422, 487, 491) then 'unanswered'
        when answer_status >= 400 then 'rejected'
        when offer_port > 0 and coalesce(answer_port, 0) = 0 then 'stream_rejected'
        else 'accepted'
    end as outcome
from described;

comment on table offer_answer is 'One row per offer, dialog that it was made to, and audio m-line (RFC 3264).';
comment on column offer_answer.oa_id is 'Number of the row: leg_id * 4096 + ordinal.';
comment on column offer_answer.leg_id is 'leg.leg_id.';
comment on column offer_answer.dialog_id is 'dialog.dialog_id that answered; NULL where the INVITE was refused or left without any dialog.';
comment on column offer_answer.ordinal is 'Position within the leg by time, from 1.';
comment on column offer_answer.media is 'audio: other media are not followed.';
comment on column offer_answer.m_index is 'Position of the m-line in the offer, from 0.';
comment on column offer_answer.offer_id is 'message_id of the offer.';
comment on column offer_answer.offer_ts is 'Its time, on the reference clock (UTC).';
comment on column offer_answer.offer_method is 'INVITE (responses to it too), PRACK or UPDATE.';
comment on column offer_answer.offered_by is 'caller or callee of the leg.';
comment on column offer_answer.offer_ip is 'Address offered.';
comment on column offer_answer.offer_port is 'Port offered.';
comment on column offer_answer.offer_proto is 'Profile offered, such as RTP/SAVP.';
comment on column offer_answer.offer_direction is 'Direction offered.';
comment on column offer_answer.offer_codecs is 'Codecs offered.';
comment on column offer_answer.offer_bypass_id is 'x-bypassid in the offer.';
comment on column offer_answer.offer_is_endpoint is 'True: a client''s address; false: a gateway''s or Mediation Server''s; else NULL.';
comment on column offer_answer.answer_id is 'message_id of the answer, or of the failure.';
comment on column offer_answer.answer_ts is 'Its time, on the reference clock (UTC).';
comment on column offer_answer.answer_status is 'Its status; NULL where the answer was in ACK or PRACK.';
comment on column offer_answer.answer_ip is 'Address answered.';
comment on column offer_answer.answer_port is 'Port answered; 0 rejects the stream.';
comment on column offer_answer.answer_proto is 'Profile answered.';
comment on column offer_answer.answer_direction is 'Direction answered.';
comment on column offer_answer.answer_codecs is 'Codecs answered.';
comment on column offer_answer.outcome is
'accepted, rejected (a failure other than 401, 407, 422, 487, 491), stream_rejected (port 0) or unanswered.';
