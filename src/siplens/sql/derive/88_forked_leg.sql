/* One row per INVITE from a peer, or from nobody known, whose call forked: what the peer was shown, and whether it took it. */
-- needs: leg where early_dialogs >= 2
create or replace table forked_leg as
with

-- What the other legs of the call were answered with: a fork behind the Mediation Server that something merged before the peer.
other_leg as (
    select
        call_leg.call_no,
        max(leg.early_dialogs) as early_dialogs
    from call_leg
    inner join leg using (leg_id)
    where leg.invited_by = 'mediation' and leg.early_dialogs >= 2
    group by call_leg.call_no
),

forked as (
    select
        leg.leg_id,
        call_leg.call_no,
        leg.peer_ip,
        coalesce(leg.invited_by, 'unknown') as invited_by,
        coalesce(leg.caller_agent, '') as peer_agent,
        leg.early_dialogs,
        coalesce(other_leg.early_dialogs, 0) as forked_behind,
        leg.early_dialogs <= 1 as is_merged,
        leg.outcome,
        leg.answered_ts,
        leg.answered_dialog_id,
        leg.cancel_id,
        leg.cancel_ts,
        leg.answered_elsewhere,
        leg.last_ts
    from leg
    inner join call_leg using (leg_id)
    left join other_leg on call_leg.call_no = other_leg.call_no
    where
        (leg.early_dialogs >= 2 and coalesce(leg.invited_by, 'unknown') in ('peer', 'unknown'))
        or (leg.early_dialogs <= 1 and leg.invited_by = 'peer' and other_leg.early_dialogs >= 2)
),

-- The first sign that the peer refused a further early dialog: CANCEL at once, or an error to PRACK or UPDATE. 491,
-- challenges and a CANCEL for a call answered elsewhere refuse nothing.
refusal as (
    select
        dialog.leg_id,
        min(dialog.ordinal) as ordinal,
        arg_min(
            case
                when dialog.prack_status >= 300 then dialog.prack_final_id
                when dialog.update_status >= 300 then dialog.update_final_id
                else forked.cancel_id
            end,
            dialog.ordinal
        ) as message_id,
        arg_min(
            case
                when dialog.prack_status >= 300 then format('{} to PRACK', dialog.prack_status)
                when dialog.update_status >= 300 then format('{} to UPDATE', dialog.update_status)
                else 'CANCEL'
            end,
            dialog.ordinal
        ) as words
    from dialog
    inner join forked using (leg_id)
    where
        dialog.ordinal >= 2
        and (
            (dialog.prack_status >= 300 and dialog.prack_status not in (401, 407, 491))
            or (dialog.update_status >= 300 and dialog.update_status not in (401, 407, 491))
            or (not forked.answered_elsewhere and date_diff('millisecond', dialog.first_ts, forked.cancel_ts) between 0 and 500)
        )
    group by dialog.leg_id
)

select
    forked.*,
    refusal.ordinal as refused_ordinal,
    refusal.message_id as refusal_id,
    refusal.words as refusal_words
from forked
left join refusal on forked.leg_id = refusal.leg_id;

comment on table forked_leg is
'One row per INVITE from a peer, or from nobody known, whose call forked: what the peer was shown.';
comment on column forked_leg.leg_id is 'leg.leg_id.';
comment on column forked_leg.call_no is 'call.call_no.';
comment on column forked_leg.peer_ip is 'leg.peer_ip.';
comment on column forked_leg.invited_by is 'peer, or unknown: then it is not known which end is the peer.';
comment on column forked_leg.peer_agent is 'User-Agent of the peer; empty where it has none.';
comment on column forked_leg.early_dialogs is 'Early dialogs that this leg shows.';
comment on column forked_leg.forked_behind is
'Most early dialogs of the call''s legs behind the Mediation Server; 0 where none of them forked.';
comment on column forked_leg.is_merged is
'True where the call forked behind the Mediation Server, and this leg shows one early dialog at most: something merged them.';
comment on column forked_leg.outcome is 'leg.outcome.';
comment on column forked_leg.answered_ts is 'leg.answered_ts.';
comment on column forked_leg.answered_dialog_id is 'leg.answered_dialog_id.';
comment on column forked_leg.cancel_id is 'leg.cancel_id.';
comment on column forked_leg.cancel_ts is 'leg.cancel_ts.';
comment on column forked_leg.answered_elsewhere is 'leg.answered_elsewhere.';
comment on column forked_leg.last_ts is 'leg.last_ts.';
comment on column forked_leg.refused_ordinal is 'dialog.ordinal of the first early dialog that the peer refused; NULL: it refused none.';
comment on column forked_leg.refusal_id is 'message_id that shows it: CANCEL within 500 ms, or an error to PRACK or UPDATE.';
comment on column forked_leg.refusal_words is 'The same in words.';
