/* The call of each rule row: by call_no where the subject is a call, else by the leg or the dialog's leg. One row per subject. */
select
    'call' as subject,
    cast(call_no as varchar) as subject_id,
    call_no
from call
union all
select
    'leg' as subject,
    cast(leg_id as varchar) as subject_id,
    call_no
from call_leg
union all
select
    'dialog' as subject,
    cast(dialog.dialog_id as varchar) as subject_id,
    call_leg.call_no
from dialog
inner join call_leg using (leg_id)
