/* One row per dialog of the calls $call_nos, early ones by their ordinal; leg_no counts the legs of the call from 1. */
with

legs as (
    select
        call_leg.call_no,
        leg.leg_id,
        leg.side,
        leg.started_ts,
        row_number() over (partition by call_leg.call_no order by leg.started_ts, leg.leg_id) as leg_no,
        count(*) over (partition by call_leg.call_no) as legs
    from call_leg
    inner join leg using (leg_id)
    where list_contains($call_nos, call_leg.call_no)
)

select
    legs.call_no,
    legs.leg_no,
    legs.legs,
    legs.side,
    dialog.*,
    date_diff('millisecond', legs.started_ts, dialog.first_ts) as after_ms
from dialog
inner join legs using (leg_id)
order by legs.call_no, legs.leg_no, dialog.ordinal
