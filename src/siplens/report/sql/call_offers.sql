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
    where call_leg.call_no in (select unnest($call_nos))
)

select
    legs.call_no,
    legs.leg_no,
    legs.side,
    dialog.ordinal as dialog_ordinal,
    offer_answer.*,
    offer.frame as offer_frame,
    offer.line as offer_line,
    answer.frame as answer_frame,
    answer.line as answer_line
from offer_answer
inner join legs using (leg_id)
left join dialog using (dialog_id)
left join message as offer on offer_answer.offer_id = offer.message_id
left join message as answer on offer_answer.answer_id = answer.message_id
order by legs.call_no, offer.ts, offer_answer.offer_id, dialog.ordinal, offer_answer.m_index
