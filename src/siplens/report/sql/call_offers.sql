/* One row per offer and answer of the calls $call_nos, in order of the offer. */
with

legs as (
    select
        call_leg.call_no,
        leg.leg_id,
        leg.side,
        row_number() over (partition by call_leg.call_no order by leg.started_ts, leg.leg_id) as leg_no
    from call_leg
    inner join leg using (leg_id)
    where list_contains($call_nos, call_leg.call_no)
),

offers as (
    select
        legs.call_no,
        legs.leg_no,
        legs.side,
        offer_answer.*
    from offer_answer
    inner join legs using (leg_id)
),

messages as (
    select
        message_id,
        frame,
        line,
        ts
    from message
    where message_id in (select unnest([offers.offer_id, offers.answer_id]) from offers)
)

select
    offers.call_no,
    offers.leg_no,
    offers.side,
    dialog.ordinal as dialog_ordinal,
    offers.* exclude (call_no, leg_no, side), -- noqa: RF02
    offer.frame as offer_frame,
    offer.line as offer_line,
    answer.frame as answer_frame,
    answer.line as answer_line
from offers
left join dialog using (dialog_id)
left join messages as offer on offers.offer_id = offer.message_id
left join messages as answer on offers.answer_id = answer.message_id
order by offers.call_no, offer.ts, offers.offer_id, dialog.ordinal, offers.m_index
