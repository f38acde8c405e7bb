/* One row per call whose peer was told an endpoint's address in an accepted offer or answer: since when, and how that ended. */
-- needs: offer_answer
create or replace table direct_spell as
with

-- Whose address the peer was told: the Mediation Server's offer, or its answer to the peer's offer. A hold tells nothing.
told as (
    select
        offer_answer.leg_id,
        call_leg.call_no,
        leg.peer_ip,
        leg.answered_ts,
        leg.invited_by,
        offer_answer.ordinal,
        offer_answer.offer_id,
        offer_answer.answer_ts as agreed_ts,
        if((leg.invited_by = 'peer') = (offer_answer.offered_by = 'caller'), 'peer', 'mediation') as offered_by,
        if(offered_by = 'peer', offer_answer.answer_ip, offer_answer.offer_ip) as told_ip,
        if(offered_by = 'peer', offer_answer.answer_direction, offer_answer.offer_direction) as told_direction
    from offer_answer
    inner join leg using (leg_id)
    inner join call_leg using (leg_id)
    where
        leg.side = 'peer' and leg.invited_by in ('peer', 'mediation')
        and offer_answer.media = 'audio' and offer_answer.outcome = 'accepted'
        and (leg.answered_dialog_id is null or offer_answer.dialog_id is null or offer_answer.dialog_id = leg.answered_dialog_id)
),

placed as (
    select
        told.*,
        host.role as told_role
    from told
    left join host on told.told_ip = host.ip
    where told.told_ip not in ('0.0.0.0', '::') and told.told_direction <> 'inactive'
),

began as (
    select
        leg_id,
        any_value(call_no) as call_no,
        any_value(peer_ip) as peer_ip,
        any_value(answered_ts) as answered_ts,
        min(ordinal) as ordinal,
        min(agreed_ts) as agreed_ts,
        arg_min(offer_id, ordinal) as offer_id,
        arg_min(told_ip, ordinal) as told_ip
    from placed
    where told_role = 'client'
    group by leg_id
),

turned as (
    select
        placed.leg_id,
        min(placed.agreed_ts) as lost_ts,
        arg_min(placed.offer_id, placed.ordinal) as offer_id,
        arg_min(placed.offered_by, placed.ordinal) as offered_by,
        arg_min(placed.told_ip, placed.ordinal) as told_ip,
        min(placed.ordinal) as ordinal
    from placed
    inner join began on placed.leg_id = began.leg_id and placed.ordinal > began.ordinal
    where placed.told_role in ('mediation', 'relay')
    group by placed.leg_id
),

returned as (
    select distinct placed.leg_id
    from placed
    inner join turned on placed.leg_id = turned.leg_id and placed.ordinal > turned.ordinal
    where placed.told_role = 'client'
)

select
    began.call_no,
    began.leg_id,
    began.peer_ip,
    began.answered_ts,
    began.agreed_ts,
    began.offer_id as agreed_id,
    began.told_ip as endpoint_ip,
    turned.lost_ts,
    turned.offer_id as lost_id,
    turned.offered_by as lost_by,
    turned.told_ip as mediated_ip,
    returned.leg_id is not null as came_back
from began
left join turned on began.leg_id = turned.leg_id
left join returned on began.leg_id = returned.leg_id;

comment on table direct_spell is 'One row per leg to a peer that agreed on direct media: since when, and how that ended.';
comment on column direct_spell.call_no is 'call.call_no.';
comment on column direct_spell.leg_id is 'leg.leg_id.';
comment on column direct_spell.peer_ip is 'leg.peer_ip.';
comment on column direct_spell.answered_ts is 'leg.answered_ts.';
comment on column direct_spell.agreed_ts is 'When an endpoint''s address was first agreed on, on the reference clock (UTC).';
comment on column direct_spell.agreed_id is 'message_id of that offer.';
comment on column direct_spell.endpoint_ip is 'The endpoint''s address.';
comment on column direct_spell.lost_ts is 'When the peer was next told a Mediation Server''s or relay''s address; NULL: it never was.';
comment on column direct_spell.lost_id is 'message_id of that offer.';
comment on column direct_spell.lost_by is 'mediation or peer: who made that offer.';
comment on column direct_spell.mediated_ip is 'The address told then.';
comment on column direct_spell.came_back is 'True where an endpoint''s address was agreed on again later.';
