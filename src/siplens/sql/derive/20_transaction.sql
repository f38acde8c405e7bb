/* One row per SIP transaction on one hop. Requests sent again are counted, not repeated. An ACK to a 2xx stands alone (RFC 3261 17). */
-- needs: message
create or replace table transaction as
with

observed as (
    select
        message_key.message_id,
        message_key.transaction_key,
        message.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as ts,
        message.status,
        message.is_retransmission,
        message.method = 'ACK' as is_ack
    from message
    inner join message_key using (message_id)
    inner join source on message.source_id = source.source_id
    where not message.is_duplicate and message.method is not null
),

-- The lowest message_id is the first: ids follow the order in the file.
exchange as materialized (
    select
        transaction_key,
        min(message_id) filter (where not is_ack) as any_id,
        min(message_id) filter (where not is_ack and status is null) as request_id,
        min(ts) filter (where not is_ack) as started_ts,
        count(*) filter (where not is_ack and status is null) as sends,
        min(ts) filter (where not is_ack and status is not null) as first_response_ts,
        count(*) filter (where not is_ack and status < 200 and not is_retransmission) as provisionals,
        min(message_id) filter (where not is_ack and status >= 200) as final_id,
        arg_min(status, message_id) filter (where not is_ack and status >= 200) as final_status,
        arg_min_null(ts, message_id) filter (where not is_ack and status >= 200) as final_ts,
        min(message_id) filter (where is_ack) as ack_id,
        min(ts) filter (where is_ack) as ack_ts,
        count(*) filter (where is_ack) as ack_sends
    from observed
    group by transaction_key
),

told as (
    select
        coalesce(request_id, any_id) as txn_id,
        request_id,
        started_ts,
        sends,
        first_response_ts,
        provisionals,
        final_id,
        final_status,
        final_ts,
        if(final_status >= 300 or final_status is null, ack_id, null) as ack_id
    from exchange
    where any_id is not null
    union all by name
    select
        ack_id as txn_id,
        ack_id as request_id,
        ack_ts as started_ts,
        ack_sends as sends,
        0 as provisionals
    from exchange
    where ack_id is not null and (any_id is null or final_status < 300)
),

-- Texts come last: a join that carries them takes several times the memory.
final as (
    select
        message_id,
        reason_phrase
    from message
    where status >= 200
)

select
    told.txn_id,
    named.call_id,
    named.from_tag,
    named.branch,
    named.cseq,
    named.method,
    -- Only responses seen: they went the other way.
    if(named.status is null, named.src_ip, named.dst_ip) as src_ip,
    if(named.status is null, named.src_port, named.dst_port) as src_port,
    if(named.status is null, named.dst_ip, named.src_ip) as dst_ip,
    if(named.status is null, named.dst_port, named.src_port) as dst_port,
    named.transport,
    told.request_id,
    told.started_ts,
    told.sends,
    told.first_response_ts,
    told.provisionals,
    told.final_id,
    told.final_status,
    told.final_ts,
    final.reason_phrase as final_reason,
    told.ack_id,
    leg_message.leg_id,
    leg_message.asked_by_caller,
    if(told.request_id is not null, named.to_tag is not null, null) as in_dialog
from told
-- Not =: between numbers that lie close together DuckDB would join by a table with room for all of them, which no bound of memory stops.
inner join message as named on told.txn_id is not distinct from named.message_id
left join leg_message on told.txn_id = leg_message.message_id
left join final on told.final_id = final.message_id;

comment on table transaction is 'One row per SIP transaction on one hop. An ACK to a 2xx is a row of its own.';
comment on column transaction.txn_id is 'message_id of the request, or of a response where the request was not seen.';
comment on column transaction.call_id is 'Call-ID.';
comment on column transaction.from_tag is 'From tag.';
comment on column transaction.branch is 'branch of the topmost Via; without one, From tag and addresses take its place.';
comment on column transaction.cseq is 'CSeq number.';
comment on column transaction.method is 'Method.';
comment on column transaction.src_ip is 'Who sent the request.';
comment on column transaction.src_port is 'Its port.';
comment on column transaction.dst_ip is 'Who received the request.';
comment on column transaction.dst_port is 'Its port.';
comment on column transaction.transport is 'udp, tcp, tls, ws or wss.';
comment on column transaction.request_id is 'message_id of the request as first seen; NULL if only responses were seen.';
comment on column transaction.started_ts is 'First message seen, on the reference clock (UTC).';
comment on column transaction.sends is 'Times the request was seen; above 1, it was retransmitted. 0: only responses were seen.';
comment on column transaction.first_response_ts is 'First response of any kind.';
comment on column transaction.provisionals is 'Responses 100 to 199, retransmissions not counted.';
comment on column transaction.final_id is 'message_id of the first final response.';
comment on column transaction.final_status is 'Its status, 200 to 699.';
comment on column transaction.final_ts is 'Its time, on the reference clock (UTC).';
comment on column transaction.final_reason is 'Its reason phrase.';
comment on column transaction.ack_id is 'message_id of the ACK to a failure, which belongs to the INVITE transaction.';
comment on column transaction.leg_id is 'leg.leg_id; NULL outside INVITE sessions.';
comment on column transaction.asked_by_caller is 'True where the caller of the leg sent the request; NULL outside INVITE sessions.';
comment on column transaction.in_dialog is 'True where the request has a To tag; NULL where it was not seen.';
