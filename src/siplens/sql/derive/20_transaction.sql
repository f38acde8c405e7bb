/* One row per SIP transaction on one hop. Requests sent again are counted, not repeated. An ACK to a 2xx stands alone (RFC 3261 17). */
-- needs: message
create or replace table transaction as
with

observed as not materialized (
    select
        message_key.message_id,
        message_key.transaction_key,
        message.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as ts,
        message.method,
        message.status,
        message.is_retransmission
    from message
    inner join message_key using (message_id)
    inner join source on message.source_id = source.source_id
    where not message.is_duplicate and message.method is not null
),

-- The lowest message_id is the first: ids follow the order in the file.
exchange as (
    select
        transaction_key,
        min(message_id) as any_id,
        min(message_id) filter (where status is null) as request_id,
        min(ts) as started_ts,
        count(*) filter (where status is null) as sends,
        min(ts) filter (where status is not null) as first_response_ts,
        count(*) filter (where status < 200 and not is_retransmission) as provisionals,
        min(message_id) filter (where status >= 200) as final_id
    from observed
    where method <> 'ACK'
    group by transaction_key
),

acknowledgement as (
    select
        transaction_key,
        min(message_id) as request_id,
        min(ts) as started_ts,
        count(*) as sends
    from observed
    where method = 'ACK'
    group by transaction_key
),

answered as (
    select
        exchange.*,
        final.status as final_status,
        final.ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as final_ts,
        final.reason_phrase as final_reason
    from exchange
    left join message as final on exchange.final_id = final.message_id
    left join source on final.source_id = source.source_id
),

joined as (
    select
        answered.*,
        coalesce(answered.request_id, answered.any_id) as txn_id,
        if(answered.final_status >= 300 or answered.final_status is null, acknowledgement.request_id, null) as ack_id
    from answered
    left join acknowledgement using (transaction_key)
    union all by name
    select
        acknowledgement.*,
        acknowledgement.request_id as txn_id,
        0 as provisionals
    from acknowledgement
    left join answered using (transaction_key)
    where answered.transaction_key is null or answered.final_status < 300
)

select
    joined.txn_id,
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
    joined.request_id,
    joined.started_ts,
    joined.sends,
    joined.first_response_ts,
    joined.provisionals,
    joined.final_id,
    joined.final_status,
    joined.final_ts,
    joined.final_reason,
    joined.ack_id,
    leg_message.leg_id,
    leg_message.asked_by_caller,
    if(joined.request_id is not null, named.to_tag is not null, null) as in_dialog
from joined
inner join message as named on joined.txn_id = named.message_id
left join leg_message on joined.txn_id = leg_message.message_id;

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
