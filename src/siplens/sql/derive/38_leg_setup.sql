/* One row per leg: when it was seen, the way its INVITE took, what the caller got, and who ended it. No texts: leg adds them. */
-- needs: leg_message
create or replace table leg_setup as
with

counted as not materialized (
    select *
    from leg_message
    where not is_duplicate
),

span as (
    select
        leg_id,
        min(ts) as first_ts,
        max(ts) as last_ts,
        max(source_id) as source_id,
        bool_or(asked_by_caller) filter (where message_id = leg_id) as first_asked_by_caller,
        bool_or(sent_by_caller) filter (where message_id = leg_id) as first_sent_by_caller,
        arg_min(message_id, seq) filter (where method = 'CANCEL' and status is null) as cancel_id,
        min(ts) filter (where method = 'CANCEL' and status is null) as cancel_ts,
        bool_or(method = 'INVITE' and status is null and has_to_tag) as has_reinvite,
        bool_or(method = 'INVITE' and status between 101 and 199) as has_progress,
        -- The callee's own words: what a proxy says of itself (100, 401) is not among them.
        arg_min(message_id, seq) filter (where not sent_by_caller and method = 'INVITE' and status between 101 and 299) as callee_says_id,
        arg_min(message_id, seq) filter (where not sent_by_caller and (status is null or method <> 'INVITE')) as callee_asks_id
    from counted
    group by leg_id
),

early as (
    select
        leg_id,
        count(distinct dialog_id) as early_dialogs
    from counted
    where method = 'INVITE' and status between 101 and 198 and is_first
    group by leg_id
),

-- Attempts to set the session up; a re-INVITE has a To tag and changes no outcome.
attempt as (
    select *
    from transaction
    where method = 'INVITE' and asked_by_caller and not coalesce(in_dialog, false)
),

hop as (
    select
        leg_id,
        src_ip,
        dst_ip,
        min(started_ts) as first_ts
    from attempt
    where request_id is not null
    group by leg_id, src_ip, dst_ip
),

hop_count as (
    select
        leg_id,
        count(*) as hops
    from hop
    group by leg_id
),

several_hops as (
    select
        hop.leg_id,
        list(struct_pack(src_ip := hop.src_ip, dst_ip := hop.dst_ip) order by hop.first_ts) as hops,
        list(hop.src_ip order by hop.first_ts) as senders,
        list(hop.dst_ip order by hop.first_ts) as receivers
    from hop
    inner join hop_count on hop.leg_id = hop_count.leg_id and hop_count.hops > 1
    group by hop.leg_id
),

numbered_attempt as (
    select
        *,
        row_number() over (partition by leg_id, cseq order by started_ts, txn_id) as hop_no
    from attempt
),

-- What the caller got: the first 2xx, else what the first hop of the last attempt got.
telling_attempt as (
    select
        leg_id,
        min(request_id) as invite_id,
        min(final_ts) filter (where final_status < 300) as answered_ts,
        coalesce(
            arg_min(txn_id, final_id) filter (where final_status < 300),
            arg_max(txn_id, 1000000 * cseq - hop_no)
        ) as txn_id
    from numbered_attempt
    group by leg_id
),

result as (
    select
        telling_attempt.leg_id,
        telling_attempt.invite_id,
        telling_attempt.answered_ts,
        attempt.final_id,
        attempt.final_status,
        attempt.final_reason,
        attempt.final_ts,
        if(attempt.final_status < 300, attempt.dst_ip, null) as answering_ip,
        final_place.dialog_id as answered_dialog_id
    from telling_attempt
    inner join attempt on telling_attempt.txn_id = attempt.txn_id
    left join leg_message as final_place on attempt.final_id = final_place.message_id and attempt.final_status < 300
),

-- The BYE of the dialog that was answered; a BYE to a surplus 2xx does not end the leg.
bye_request as (
    select
        counted.leg_id,
        counted.message_id,
        counted.ts,
        counted.asked_by_caller,
        if(counted.dialog_id = result.answered_dialog_id, 0, 1::bigint << 40) + counted.seq as rank
    from counted
    left join result on counted.leg_id = result.leg_id
    where counted.method = 'BYE' and counted.status is null
),

bye as (
    select
        leg_id,
        arg_min(message_id, rank) as bye_id,
        arg_min_null(ts, rank) as bye_ts,
        arg_min(if(asked_by_caller, 'caller', 'callee'), rank) as bye_by
    from bye_request
    group by leg_id
)

-- Without an INVITE the first message stands for it, turned round where the callee sent it.
select
    span.leg_id,
    coalesce(result.invite_id, span.leg_id) as shown_id,
    result.invite_id is not null or span.first_asked_by_caller as asked_by_caller,
    result.invite_id is not null or span.first_sent_by_caller as sent_by_caller,
    span.first_ts,
    span.last_ts,
    span.source_id,
    coalesce(early.early_dialogs, 0) as early_dialogs,
    span.has_reinvite,
    span.has_progress,
    coalesce(span.callee_says_id, span.callee_asks_id) as callee_says_id,
    span.cancel_id,
    span.cancel_ts,
    bye.bye_id,
    bye.bye_ts,
    bye.bye_by,
    result.* exclude (leg_id),  -- noqa: RF02
    if(result.final_status >= 300, result.final_id, null) as failure_id,
    several_hops.hops,
    list_filter(several_hops.senders, lambda ip: not list_contains(several_hops.receivers, ip))[1] as first_sender,  -- noqa: RF02
    list_filter(several_hops.receivers, lambda ip: not list_contains(several_hops.senders, ip))[1] as last_receiver,  -- noqa: RF02
    coalesce(list_contains(several_hops.senders, result.answering_ip), false) as answered_by_proxy
from span
left join result on span.leg_id = result.leg_id
left join several_hops on span.leg_id = several_hops.leg_id
left join early on span.leg_id = early.leg_id
left join bye on span.leg_id = bye.leg_id;

comment on table leg_setup is
'One row per leg: when it was seen, the way its INVITE took, what the caller got, and who ended it.';
comment on column leg_setup.leg_id is 'leg.leg_id.';
comment on column leg_setup.shown_id is
'message_id of the message whose names and addresses are the leg''s: the INVITE, else the first one seen.';
comment on column leg_setup.asked_by_caller is 'leg_message.asked_by_caller of that message.';
comment on column leg_setup.sent_by_caller is 'leg_message.sent_by_caller of that message.';
comment on column leg_setup.first_ts is 'First message seen, on the reference clock (UTC).';
comment on column leg_setup.last_ts is 'Last message seen, on the reference clock (UTC).';
comment on column leg_setup.source_id is 'source.source_id of the last source that saw it.';
comment on column leg_setup.early_dialogs is 'Distinct To tags in responses 101 to 198 to the INVITE.';
comment on column leg_setup.has_reinvite is 'True where an INVITE with a To tag was seen.';
comment on column leg_setup.has_progress is 'True where a response 101 to 199 to an INVITE was seen.';
comment on column leg_setup.callee_says_id is 'message_id of the first message in the callee''s own words.';
comment on column leg_setup.cancel_id is 'message_id of the CANCEL.';
comment on column leg_setup.cancel_ts is 'Its time.';
comment on column leg_setup.bye_id is 'message_id of the BYE, of the answered dialog where there are several.';
comment on column leg_setup.bye_ts is 'Its time.';
comment on column leg_setup.bye_by is 'caller or callee: who sent the BYE.';
comment on column leg_setup.invite_id is 'message_id of the first INVITE; NULL where only responses were seen.';
comment on column leg_setup.answered_ts is 'First 2xx, on the reference clock (UTC).';
comment on column leg_setup.final_id is 'message_id of the first 2xx, else of the final response to the last attempt.';
comment on column leg_setup.final_status is 'Its status.';
comment on column leg_setup.final_reason is 'Its reason phrase.';
comment on column leg_setup.final_ts is 'Its time, on the reference clock (UTC).';
comment on column leg_setup.answering_ip is 'Who sent the first 2xx; NULL without one.';
comment on column leg_setup.answered_dialog_id is 'dialog.dialog_id that it confirmed.';
comment on column leg_setup.failure_id is 'final_id where it is a failure.';
comment on column leg_setup.hops is 'Hops of the INVITE in order of time, where there are several.';
comment on column leg_setup.first_sender is 'Of several hops: who sent the INVITE and did not receive it.';
comment on column leg_setup.last_receiver is 'Of several hops: who received the INVITE and did not send it on.';
comment on column leg_setup.answered_by_proxy is 'True where the 2xx was seen only after a proxy had passed it on.';
