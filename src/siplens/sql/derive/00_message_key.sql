/* One row per message: 64-bit hashes that stand for its long text keys, so that later steps compare numbers, not texts. */
-- needs: message
create or replace table message_key as
select
    message_id,
    source_id,
    hash(call_id, coalesce(from_tag, '')) as from_key,
    hash(call_id, coalesce(to_tag, '')) as to_key,
    -- A log may have lost the carriage returns of a body.
    hash(call_id, from_tag, to_tag, cseq, method, status, rseq, replace(replace(body, chr(13), ''), chr(10), '')) as content_key,
    hash(content_key, branch) as hop_key,
    hash(call_id, from_tag, to_tag, cseq, method, status, rseq, branch) as head_key,
    -- ACK to a failure has the branch of its INVITE (RFC 3261 17.1.1.3). A client's own Via may lack a branch (DOMAIN 2.3).
    case
        when branch is not null then hash(call_id, branch, cseq, if(method = 'ACK', 'INVITE', method))
        else hash(from_key, cseq, if(method = 'ACK', 'INVITE', method), least(src_ip, dst_ip), greatest(src_ip, dst_ip))
    end as transaction_key
from message;

comment on table message_key is 'One row per message: 64-bit hashes that stand for its long text keys.';
comment on column message_key.message_id is 'message.message_id.';
comment on column message_key.source_id is 'source.source_id.';
comment on column message_key.from_key is 'Call-ID and From tag: the leg, in requests of its caller and their responses.';
comment on column message_key.to_key is 'Call-ID and To tag: the leg, in requests of its callee and their responses.';
comment on column message_key.content_key is 'The message on every hop: Call-ID, tags, CSeq, method, status, RSeq, body.';
comment on column message_key.hop_key is 'The same with the branch of the topmost Via: the same message on the same hop.';
comment on column message_key.head_key is 'The message on its hop without its body, of which a log may hold a part only.';
comment on column message_key.transaction_key is 'The transaction on one hop. An ACK has that of its INVITE where both have one branch.';
