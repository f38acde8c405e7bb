/* One row per dialog: a leg and a To tag of a response 101 to 299 to its INVITE. Early dialogs that came to nothing are rows too. */
-- needs: leg_message
create or replace table dialog as
with

counted as not materialized (
    select *
    from leg_message
    where is_first
),

progress as (
    select
        dialog_id,
        leg_id,
        arg_min(status, seq) as first_status,
        min(ts) as first_ts,
        bool_or(asked_by_caller) filter (where message_id = dialog_id) as asked_by_caller,
        bool_or(status < 200) as is_early,
        count(*) filter (where status < 200) as provisionals,
        bool_or(status < 200 and rseq is not null) as reliable,
        bool_or(has_sdp) as has_sdp,
        arg_min(message_id, seq) filter (where has_sdp) as sdp_id,
        arg_min(message_id, seq) filter (where status between 200 and 299) as confirmed_id,
        min(ts) filter (where status between 200 and 299) as confirmed_ts,
        min(ts) filter (where status = 199) as terminated_ts
    from counted
    where method = 'INVITE' and status between 101 and 299 and dialog_id is not null
    group by dialog_id, leg_id
),

in_order as (
    select
        *,
        row_number() over (partition by leg_id order by first_ts, dialog_id) as ordinal
    from progress
),

-- RAck names the response that a PRACK acknowledges; it helps where the PRACK lacks the To tag (RFC 3262 7.2).
reliable_response as (
    select
        leg_id,
        rseq,
        cseq,
        min(dialog_id) as dialog_id
    from counted
    where method = 'INVITE' and rseq is not null and dialog_id is not null
    group by leg_id, rseq, cseq
    having count(distinct dialog_id) = 1
),

prack_request as (
    select
        counted.message_id,
        counted.seq,
        coalesce(counted.dialog_id, reliable_response.dialog_id) as dialog_id
    from counted
    inner join message using (message_id)
    left join reliable_response
        on
            counted.leg_id = reliable_response.leg_id and not counted.has_to_tag
            and reliable_response.rseq = try_cast(string_split(message.rack, ' ')[1] as bigint)
            and reliable_response.cseq = try_cast(string_split(message.rack, ' ')[2] as bigint)
    where counted.method = 'PRACK' and counted.status is null
),

-- Of several PRACKs or UPDATEs in a dialog, one that failed says more than one that succeeded.
tried as (
    select
        request.dialog_id,
        request.is_prack,
        request.message_id,
        outcome.started_ts,
        outcome.final_status,
        outcome.final_id,
        request.seq + if(outcome.final_status >= 300, 0, 1::bigint << 40) as rank
    from (
        select
            message_id,
            seq,
            dialog_id,
            true as is_prack
        from prack_request
        union all
        select
            message_id,
            seq,
            dialog_id,
            false as is_prack
        from counted
        where method = 'UPDATE' and status is null
    ) as request
    left join transaction as outcome on request.message_id = outcome.request_id
    where request.dialog_id is not null
),

worst as (
    select
        dialog_id,
        arg_min(message_id, rank) filter (where is_prack) as prack_id,
        arg_min_null(started_ts, rank) filter (where is_prack) as prack_ts,
        arg_min_null(final_status, rank) filter (where is_prack) as prack_status,
        arg_min_null(final_id, rank) filter (where is_prack) as prack_final_id,
        arg_min(message_id, rank) filter (where not is_prack) as update_id,
        arg_min_null(final_status, rank) filter (where not is_prack) as update_status,
        arg_min_null(final_id, rank) filter (where not is_prack) as update_final_id
    from tried
    group by dialog_id
),

activity as (
    select
        dialog_id,
        max(ts) as last_ts,
        arg_min(message_id, seq) filter (where method = 'BYE' and status is null) as bye_id,
        min(ts) filter (where method = 'BYE' and status is null) as bye_ts,
        bool_or(method = 'ACK' and asked_by_caller) as has_ack
    from counted
    where dialog_id is not null
    group by dialog_id
),

gathered as (
    select
        in_order.*,
        worst.* exclude (dialog_id),  -- noqa: RF02
        activity.* exclude (dialog_id),  -- noqa: RF02
        leg.fingerprint as leg_fingerprint,
        leg.call_id,
        leg.from_tag,
        leg.outcome,
        leg.answered_ts,
        leg.cancel_ts,
        leg.final_ts,
        leg.last_ts as leg_last_ts,
        if(in_order.asked_by_caller, first_message.to_tag, first_message.from_tag) as to_tag,
        media.address,
        media.port
    from in_order
    -- Not =: see transaction.
    inner join leg on in_order.leg_id is not distinct from leg.leg_id
    inner join message as first_message on in_order.dialog_id is not distinct from first_message.message_id
    left join activity on in_order.dialog_id = activity.dialog_id
    left join worst on in_order.dialog_id = worst.dialog_id
    left join counted_sdp as media on in_order.sdp_id = media.message_id and media.audio_no = 1
),

-- An early dialog that goes on after another one was answered lives for 64*T1 = 32 s from that answer (RFC 3261 13.2.2.4).
-- What comes within T1 = 500 ms of the answer was on its way already.
ended as (
    select
        *,
        case
            when bye_id is not null then 'bye'
            when confirmed_id is not null then 'open'
            when terminated_ts is not null then '199'
            when answered_ts is not null and last_ts > answered_ts + interval 500 milliseconds then 'timed_out'
            when answered_ts is not null then 'answered_elsewhere'
            when outcome = 'cancelled' then 'cancel'
            when outcome = 'rejected' then 'rejected'
            when outcome = 'unanswered' then 'timed_out'
            else 'open'
        end as ended_by
    from gathered
)

select
    dialog_id,
    md5(leg_fingerprint || '|' || to_tag) as fingerprint,
    leg_id,
    call_id,
    from_tag,
    to_tag,
    ordinal,
    dialog_id as first_id,
    first_status,
    first_ts,
    is_early,
    provisionals,
    reliable,
    prack_id,
    prack_ts,
    prack_status,
    prack_final_id,
    update_id,
    update_status,
    update_final_id,
    has_sdp,
    sdp_id,
    address as media_ip,
    port as media_port,
    confirmed_id,
    confirmed_ts,
    coalesce(has_ack, false) as acked,
    bye_id,
    case ended_by
        when 'bye' then bye_ts
        when '199' then terminated_ts
        when 'timed_out' then coalesce(answered_ts + interval 32 seconds, leg_last_ts + interval 180 seconds)
        when 'answered_elsewhere' then answered_ts
        when 'cancel' then coalesce(cancel_ts, final_ts)
        when 'rejected' then final_ts
    end as ended_ts,
    ended_by
from ended;

comment on table dialog is 'One row per dialog: a leg and a To tag of a response 101 to 299 to its INVITE. Early dialogs are rows too.';
comment on column dialog.dialog_id is 'message_id of the first response that carried the To tag.';
comment on column dialog.fingerprint is 'md5 of leg.fingerprint, a bar and the To tag: the same whenever the evidence is ingested again.';
comment on column dialog.leg_id is 'leg.leg_id.';
comment on column dialog.call_id is 'Call-ID.';
comment on column dialog.from_tag is 'From tag of the INVITE.';
comment on column dialog.to_tag is 'To tag: the callee''s.';
comment on column dialog.ordinal is 'Position among the dialogs of the leg by first appearance, from 1.';
comment on column dialog.first_id is 'message_id of the first response that carried the To tag.';
comment on column dialog.first_status is 'Its status.';
comment on column dialog.first_ts is 'Its time, on the reference clock (UTC).';
comment on column dialog.is_early is 'True where a provisional response carried the To tag.';
comment on column dialog.provisionals is 'Responses 101 to 199 with the To tag, hops and retransmissions not counted.';
comment on column dialog.reliable is 'True where one of them was reliable: it had RSeq (RFC 3262).';
comment on column dialog.prack_id is 'message_id of the PRACK; of several the first, or the first that failed.';
comment on column dialog.prack_ts is 'Its time.';
comment on column dialog.prack_status is 'Status of its final response; NULL where none was seen.';
comment on column dialog.prack_final_id is 'message_id of that response.';
comment on column dialog.update_id is 'message_id of the UPDATE; of several the first, or the first that failed.';
comment on column dialog.update_status is 'Status of its final response; NULL where none was seen.';
comment on column dialog.update_final_id is 'message_id of that response.';
comment on column dialog.has_sdp is 'True where a response to the INVITE brought SDP in this dialog.';
comment on column dialog.sdp_id is 'message_id of the first such response.';
comment on column dialog.media_ip is 'Audio address in it.';
comment on column dialog.media_port is 'Audio port in it.';
comment on column dialog.confirmed_id is 'message_id of the 2xx that confirmed the dialog.';
comment on column dialog.confirmed_ts is 'Its time.';
comment on column dialog.acked is 'True where the caller''s ACK was seen.';
comment on column dialog.bye_id is 'message_id of the BYE in this dialog.';
comment on column dialog.ended_ts is 'When it ended; NULL while open.';
comment on column dialog.ended_by is
'bye, cancel, 199, answered_elsewhere, rejected, timed_out (64*T1 after another dialog was answered, or no final response) or open.';
