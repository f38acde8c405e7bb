/* One row per leg with SDP: the audio addresses of both ends in the last offer and answer that was accepted. */
-- needs: offer_answer
create or replace table leg_media as
with

exchange as (
    select
        *,
        offered_by = 'caller' as by_caller,
        if(by_caller, offer_ip, answer_ip) as caller_ip,
        if(by_caller, offer_port, answer_port) as caller_port,
        if(by_caller, offer_direction, answer_direction) as caller_direction,
        if(by_caller, answer_ip, offer_ip) as callee_ip,
        if(by_caller, answer_port, offer_port) as callee_port,
        if(by_caller, answer_direction, offer_direction) as callee_direction,
        outcome = 'accepted' as is_accepted,
        -- Music on hold and the like: an address of zeros is nobody's (RFC 2543 hold).
        offer_ip in ('0.0.0.0', '::') or coalesce(answer_ip in ('0.0.0.0', '::'), false) as is_hold
    from offer_answer
),

ranked as (
    select
        exchange.*,
        row_number() over (
            partition by exchange.leg_id
            order by
                exchange.is_accepted desc, exchange.is_hold asc, (exchange.dialog_id is not distinct from leg.answered_dialog_id) desc,
                exchange.ordinal desc
        ) as rank
    from exchange
    inner join leg on exchange.leg_id = leg.leg_id
)

select
    leg_id,
    oa_id,
    is_accepted,
    caller_ip,
    caller_port,
    caller_direction in ('sendrecv', 'sendonly') and callee_direction in ('sendrecv', 'recvonly') as caller_may_send,
    callee_ip,
    callee_port,
    callee_direction in ('sendrecv', 'sendonly') and caller_direction in ('sendrecv', 'recvonly') as callee_may_send,
    offer_id,
    answer_id
from ranked
where rank = 1;

comment on table leg_media is 'One row per leg with SDP: the audio addresses of both ends in the last offer and answer that was accepted.';
comment on column leg_media.leg_id is 'leg.leg_id.';
comment on column leg_media.oa_id is 'offer_answer.oa_id: of the answered dialog where there is one.';
comment on column leg_media.is_accepted is 'False where no offer was accepted: then the last offer is shown.';
comment on column leg_media.caller_ip is 'Address that the caller of the leg announced; NULL where it announced none.';
comment on column leg_media.caller_port is 'Its port.';
comment on column leg_media.caller_may_send is 'True where the directions let the caller send.';
comment on column leg_media.callee_ip is 'Address that the callee of the leg announced; NULL where it announced none.';
comment on column leg_media.callee_port is 'Its port.';
comment on column leg_media.callee_may_send is 'True where the directions let the callee send.';
comment on column leg_media.offer_id is 'message_id of the offer.';
comment on column leg_media.answer_id is 'message_id of the answer.';
