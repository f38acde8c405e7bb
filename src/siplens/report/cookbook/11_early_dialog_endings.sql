/* How did each early dialog end, by its place in the fork? */
select
    dialog.ordinal,
    dialog.ended_by,
    count(*) as dialogs,
    count(*) filter (where dialog.reliable) as reliable,
    count(*) filter (where dialog.has_sdp) as with_sdp
from dialog
where dialog.is_early
group by all
order by dialog.ordinal asc, dialogs desc, dialog.ended_by asc
