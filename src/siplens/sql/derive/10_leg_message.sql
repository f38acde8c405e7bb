/* One row per message of an INVITE session, with the leg and the dialog it belongs to. Times are on the reference clock. */
create or replace table leg_message as
with

clocked as (
    select
        message_key.*,
        message.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as ts,
        message.method,
        message.status,
        message.cseq,
        message.rseq,
        message.from_tag is not null as has_from_tag,
        message.to_tag is not null as has_to_tag,
        message.src_ip,
        message.dst_ip,
        message.is_duplicate,
        message.is_retransmission,
        message.method in ('INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE') as tells_session
    from message
    inner join message_key using (message_id)
    inner join source on message.source_id = source.source_id
    where message.call_id is not null
),

-- An INVITE without To tag begins a leg; its From tag is the caller's.
caller as (
    select distinct from_key as leg_key
    from clocked
    where method = 'INVITE' and status is null and not has_to_tag
),

-- Sessions whose INVITE was not captured: CANCEL and PRACK come from the caller, else the earliest message decides.
late_message as (
    select *
    from clocked
    anti join caller on clocked.from_key = caller.leg_key
    anti join caller as reversed on clocked.to_key = reversed.leg_key
    where tells_session
),

late_caller as (
    select distinct
        arg_min(from_key, (if(method in ('CANCEL', 'PRACK') or (method = 'INVITE' and status < 200), 0, 1), ts)) as leg_key
    from late_message
    group by least(from_key, to_key), greatest(from_key, to_key)
),

any_caller as (
    select leg_key from caller
    union
    select leg_key from late_caller
),

-- A request of the callee, such as its BYE, has the tags the other way round (RFC 3261 12.2.1.1).
in_leg as (
    select
        clocked.*,
        coalesce(same_way.leg_key, other_way.leg_key) as leg_key,
        same_way.leg_key is not null as asked_by_caller,
        if(asked_by_caller, to_key, from_key) as callee_key,
        if(asked_by_caller, has_to_tag, has_from_tag) as has_callee_tag
    from clocked
    left join any_caller as same_way on clocked.from_key = same_way.leg_key
    left join any_caller as other_way on clocked.to_key = other_way.leg_key
    where same_way.leg_key is not null or other_way.leg_key is not null
),

leg_start as (
    select leg_key, arg_min(message_id, (ts, message_id)) as leg_id
    from in_leg
    where tells_session and not is_duplicate
    group by leg_key
),

-- RFC 3261 12.1: 101 to 299 with a To tag. A 199 ends an early dialog and begins none (RFC 6228).
dialog_start as (
    select leg_key, callee_key, arg_min(message_id, (ts, message_id)) as dialog_id
    from in_leg
    where
        method = 'INVITE' and status between 101 and 299 and status <> 199
        and has_callee_tag and not is_duplicate
    group by leg_key, callee_key
),

-- Hops, repeats and observations of one message: the earliest counts.
content_start as (
    select content_key, arg_min(message_id, (ts, message_id)) as first_message_id
    from in_leg
    where not is_duplicate
    group by content_key
),

audio as (
    select distinct message_id
    from sdp_media
    where media = 'audio'
)

select
    in_leg.message_id,
    in_leg.source_id,
    leg_start.leg_id,
    dialog_start.dialog_id,
    in_leg.ts,
    in_leg.method,
    in_leg.status,
    in_leg.cseq,
    in_leg.rseq,
    in_leg.asked_by_caller,
    in_leg.asked_by_caller = (in_leg.status is null) as sent_by_caller,
    in_leg.has_to_tag,
    in_leg.src_ip,
    in_leg.dst_ip,
    in_leg.message_id = content_start.first_message_id as is_first,
    in_leg.is_duplicate,
    in_leg.is_retransmission,
    audio.message_id is not null as has_sdp,
    in_leg.transaction_key
from in_leg
inner join leg_start on in_leg.leg_key = leg_start.leg_key
left join dialog_start on in_leg.leg_key = dialog_start.leg_key and in_leg.callee_key = dialog_start.callee_key
left join content_start on in_leg.content_key = content_start.content_key
left join audio on in_leg.message_id = audio.message_id;

comment on table leg_message is 'One row per message of an INVITE session, duplicates too, with the leg and the dialog it belongs to.';
comment on column leg_message.message_id is 'message.message_id.';
comment on column leg_message.source_id is 'source.source_id.';
comment on column leg_message.leg_id is 'leg.leg_id: Call-ID and From tag of the INVITE.';
comment on column leg_message.dialog_id is 'dialog.dialog_id: leg and the callee''s tag; NULL where the message is in no dialog.';
comment on column leg_message.ts is 'Time on the reference clock (UTC): message.ts plus source.clock_offset_ms.';
comment on column leg_message.method is 'message.method.';
comment on column leg_message.status is 'message.status.';
comment on column leg_message.cseq is 'message.cseq.';
comment on column leg_message.rseq is 'message.rseq: not NULL in a reliable provisional response.';
comment on column leg_message.asked_by_caller is 'True where the request, or the request that this response answers, came from the caller of the leg.';
comment on column leg_message.sent_by_caller is 'True where the caller of the leg sent this message.';
comment on column leg_message.has_to_tag is 'True with a To tag: a request with one is inside a dialog.';
comment on column leg_message.src_ip is 'message.src_ip.';
comment on column leg_message.dst_ip is 'message.dst_ip.';
comment on column leg_message.is_first is 'True for the first sight of this content in the leg: later hops, retransmissions and duplicates are false.';
comment on column leg_message.is_duplicate is 'message.is_duplicate.';
comment on column leg_message.is_retransmission is 'message.is_retransmission.';
comment on column leg_message.has_sdp is 'True with an audio m-line in the body.';
comment on column leg_message.transaction_key is 'message_key.transaction_key.';
