/* One row per message of an INVITE session, with the leg and the dialog it belongs to. Times are on the reference clock. */
-- needs: message
create or replace table leg_message as
with

-- seq orders all messages by the reference clock, and decides between equal times.
clocked as (
    select
        message_key.message_id,
        message_key.source_id,
        message_key.from_key,
        message_key.to_key,
        message_key.content_key,
        message.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as ts,
        row_number() over (order by ts, message_key.message_id) as seq,
        message.method,
        message.status,
        message.cseq,
        message.rseq,
        list_contains(['INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE'], message.method) as is_of_session,
        message.from_tag is not null as has_from_tag,
        message.to_tag is not null as has_to_tag,
        message.is_duplicate,
        message.is_retransmission
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
    select
        clocked.from_key,
        clocked.to_key,
        clocked.seq
        + if(clocked.method in ('CANCEL', 'PRACK') or (clocked.method = 'INVITE' and clocked.status < 200), 0, 1::bigint << 40) as rank
    from clocked
    anti join caller on clocked.from_key = caller.leg_key
    anti join caller as reversed on clocked.to_key = reversed.leg_key
    where clocked.is_of_session
),

late_caller as (
    select arg_min(from_key, rank) as leg_key
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
        clocked.* exclude (from_key, to_key, is_of_session, has_from_tag),  -- noqa: RF02
        coalesce(same_way.leg_key, other_way.leg_key) as leg_key,
        same_way.leg_key is not null as asked_by_caller,
        if(asked_by_caller, clocked.to_key, clocked.from_key) as callee_key,
        clocked.is_of_session and not clocked.is_duplicate as begins_leg,
        -- RFC 3261 12.1: 101 to 299 with a To tag. A 199 ends an early dialog and begins none (RFC 6228).
        clocked.method = 'INVITE' and clocked.status between 101 and 299 and clocked.status <> 199
        and not clocked.is_duplicate and if(asked_by_caller, clocked.has_to_tag, clocked.has_from_tag) as begins_dialog
    from clocked
    left join any_caller as same_way on clocked.from_key = same_way.leg_key
    left join any_caller as other_way on clocked.to_key = other_way.leg_key
    where same_way.leg_key is not null or other_way.leg_key is not null
),

leg_start as (
    select
        leg_key,
        arg_min(message_id, seq) as leg_id
    from in_leg
    where begins_leg
    group by leg_key
),

dialog_start as (
    select
        leg_key,
        callee_key,
        arg_min(message_id, seq) as dialog_id
    from in_leg
    where begins_dialog
    group by leg_key, callee_key
),

-- Hops, repeats and observations of one message: the earliest counts. Most were seen once.
seen_again as (
    select
        content_key,
        min(seq) as first_seq
    from in_leg
    where not is_duplicate
    group by content_key
    having count(*) > 1
)

select
    in_leg.message_id,
    in_leg.source_id,
    leg_start.leg_id,
    dialog_start.dialog_id,
    in_leg.ts,
    in_leg.seq,
    in_leg.method,
    in_leg.status,
    in_leg.cseq,
    in_leg.rseq,
    in_leg.asked_by_caller,
    in_leg.asked_by_caller = (in_leg.status is null) as sent_by_caller,
    in_leg.has_to_tag,
    not in_leg.is_duplicate and coalesce(seen_again.first_seq = in_leg.seq, true) as is_first,
    in_leg.is_duplicate,
    in_leg.is_retransmission,
    in_leg.message_id in (
        select sdp_media.message_id
        from sdp_media
        where sdp_media.media = 'audio'
    ) as has_sdp
from in_leg
inner join leg_start on in_leg.leg_key = leg_start.leg_key
left join dialog_start on in_leg.leg_key = dialog_start.leg_key and in_leg.callee_key = dialog_start.callee_key
left join seen_again on in_leg.content_key = seen_again.content_key;

comment on table leg_message is 'One row per message of an INVITE session, duplicates too, with the leg and the dialog it belongs to.';
comment on column leg_message.message_id is 'message.message_id.';
comment on column leg_message.source_id is 'source.source_id.';
comment on column leg_message.leg_id is 'leg.leg_id: Call-ID and From tag of the INVITE.';
comment on column leg_message.dialog_id is 'dialog.dialog_id: leg and the callee''s tag; NULL where the message is in no dialog.';
comment on column leg_message.ts is 'Time on the reference clock (UTC): message.ts plus source.clock_offset_ms.';
comment on column leg_message.seq is 'Position of the message by that time, among all: no two are equal.';
comment on column leg_message.method is 'message.method.';
comment on column leg_message.status is 'message.status.';
comment on column leg_message.cseq is 'message.cseq.';
comment on column leg_message.rseq is 'message.rseq: not NULL in a reliable provisional response.';
comment on column leg_message.asked_by_caller is 'True where the request, or the request answered here, came from the caller of the leg.';
comment on column leg_message.sent_by_caller is 'True where the caller of the leg sent this message.';
comment on column leg_message.has_to_tag is 'True with a To tag: a request with one is inside a dialog.';
comment on column leg_message.is_first is 'True for the first sight of this content: hops, repeats and observations aside.';
comment on column leg_message.is_duplicate is 'message.is_duplicate.';
comment on column leg_message.is_retransmission is 'message.is_retransmission.';
comment on column leg_message.has_sdp is 'True with an audio m-line in the body.';
