/* One row per dialog of the call $call_no, early ones by their ordinal; leg_no counts the legs of the call from 1. */
with

legs as (
    select
        leg.leg_id,
        leg.side,
        leg.started_ts,
        row_number() over (order by leg.started_ts, leg.leg_id) as leg_no,
        count(*) over () as legs
    from call_leg
    inner join leg using (leg_id)
    where call_leg.call_no = $call_no
)

select
    legs.leg_no,
    legs.legs,
    legs.side,
    dialog.*,
    date_diff('millisecond', legs.started_ts, dialog.first_ts) as after_ms
from dialog
inner join legs using (leg_id)
order by legs.leg_no, dialog.ordinal
