/*
One row per peer (gateway, IP-PBX, SBC): what it did over all calls, with the number of cases behind every figure.

Peers are told apart by the Identity in the newest configuration that knows them, else by their signalling address. A
fork counts as refused where the peer cancelled its INVITE within 500 ms of a second or later early dialog, or a PRACK
or UPDATE of such a dialog was answered with an error. Direct media counts as offered where the Mediation Server offered
the peer an endpoint's address.
*/
-- needs: call
create or replace table peer_profile as
with

calls as (
    select
        call.*,
        coalesce(peer_identity.peer, call.peer_ip) as peer
    from call left join peer_identity using (peer_ip)
    where call.peer_ip is not null
),

legs as (
    select
        calls.peer,
        leg.*
    from calls
    inner join call_leg using (call_no)
    inner join leg on call_leg.leg_id = leg.leg_id
    where call_leg.side = 'peer'
),

dialogs as (
    select
        legs.peer,
        legs.leg_id,
        legs.invited_by,
        legs.early_dialogs,
        dialog.ordinal,
        dialog.prack_id,
        dialog.prack_status,
        dialog.update_id,
        dialog.update_status,
        legs.invited_by = 'peer' and dialog.ordinal >= 2 and (
            coalesce(dialog.prack_status >= 300, false)
            or coalesce(dialog.update_status >= 300, false)
            or coalesce(
                not legs.answered_elsewhere and date_diff('millisecond', dialog.first_ts, legs.cancel_ts) between 0 and 500, false
            )
        ) as is_refused
    from legs inner join dialog using (leg_id)
),

call_figures as (
    select
        calls.peer,
        min(calls.peer_ip) as peer_ip,
        list(distinct calls.peer_ip order by calls.peer_ip) as peer_ips,
        count(*) as calls,
        count(*) filter (where calls.direction = 'inbound') as inbound_calls,
        count(*) filter (where calls.direction = 'outbound') as outbound_calls,
        count(*) filter (where calls.answered_ts is not null) as answered_calls,
        count(*) filter (where bypass_verdict.observed = 'pass') as direct_calls,
        count(*) filter (where bypass_verdict.observed = 'fail') as mediated_calls,
        count(*) filter (where bypass_verdict.verdict = 'fail') as bypass_differs
    from calls left join bypass_verdict using (call_no)
    group by calls.peer
),

leg_figures as (
    select
        peer,
        max(early_dialogs) filter (where invited_by = 'peer') as early_dialogs_max_seen,
        max(early_dialogs) filter (where invited_by = 'peer' and outcome = 'answered') as early_dialogs_accepted_max,
        count(*) filter (where invited_by = 'peer' and early_dialogs >= 2) as forked_calls,
        any_value(case when invited_by = 'peer' then caller_agent else callee_agent end) as agent
    from legs
    group by peer
),

dialog_figures as (
    select
        peer,
        min(early_dialogs) filter (where is_refused) as early_dialogs_refused_min,
        count(distinct leg_id) filter (where is_refused) as fork_refusals,
        count(prack_id) as pracks,
        count(*) filter (where prack_status >= 300) as prack_failures,
        count(update_id) as updates,
        count(*) filter (where update_status >= 300) as update_failures
    from dialogs
    group by peer
),

offer_figures as (
    select
        legs.peer,
        count(*) as direct_offered,
        count(*) filter (where offer_answer.outcome = 'accepted') as direct_accepted,
        -- A 481 or 500 says nothing of the address: the same statuses as in rule DMR001.
        count(*) filter (
            where offer_answer.outcome = 'stream_rejected'
            or (offer_answer.outcome = 'rejected' and offer_answer.answer_status in (403, 415, 488, 606))
        ) as direct_refused,
        list(distinct offer_answer.answer_status::varchar order by offer_answer.answer_status::varchar)
        filter (where offer_answer.outcome = 'rejected' and offer_answer.answer_status in (403, 415, 488, 606)) as refusal_statuses
    from legs
    inner join offer_answer using (leg_id)
    where
        offer_answer.offer_is_endpoint
        and offer_answer.media = 'audio'
        and ((legs.invited_by = 'mediation') = (offer_answer.offered_by = 'caller'))
    group by legs.peer
),

refer_figures as (
    select
        calls.peer,
        count(*) filter (where transaction.method = 'REFER') as refers,
        count(*) filter (where transaction.method = 'REFER' and transaction.final_status >= 300) as refer_failures
    from calls
    inner join call_leg using (call_no)
    inner join leg using (leg_id)
    inner join transaction using (call_id)
    where call_leg.side = 'peer' and transaction.method = 'REFER'
    group by calls.peer
),

flow_figures as (
    select
        calls.peer,
        sum(media_flow.packets)::bigint as rtp_packets,
        round(100.0 * sum(greatest(media_flow.lost, 0)) / nullif(sum(media_flow.expected), 0), 3) as loss_pct
    from calls
    inner join call_flow using (call_no)
    inner join media_flow using (flow_id)
    where call_flow.from_role = 'peer' or call_flow.to_role = 'peer'
    group by calls.peer
)

select
    call_figures.peer,
    call_figures.peer_ip,
    call_figures.peer_ips,
    leg_figures.agent,
    call_figures.calls,
    call_figures.inbound_calls,
    call_figures.outbound_calls,
    call_figures.answered_calls,
    leg_figures.early_dialogs_max_seen,
    leg_figures.early_dialogs_accepted_max,
    dialog_figures.early_dialogs_refused_min,
    coalesce(leg_figures.forked_calls, 0) as forked_calls,
    coalesce(dialog_figures.fork_refusals, 0) as fork_refusals,
    coalesce(dialog_figures.pracks, 0) as pracks,
    coalesce(dialog_figures.prack_failures, 0) as prack_failures,
    coalesce(dialog_figures.updates, 0) as updates,
    coalesce(dialog_figures.update_failures, 0) as update_failures,
    coalesce(refer_figures.refers, 0) as refers,
    coalesce(refer_figures.refer_failures, 0) as refer_failures,
    coalesce(offer_figures.direct_offered, 0) as direct_offered,
    coalesce(offer_figures.direct_accepted, 0) as direct_accepted,
    coalesce(offer_figures.direct_refused, 0) as direct_refused,
    coalesce(offer_figures.refusal_statuses, []) as refusal_statuses,
    call_figures.direct_calls,
    call_figures.mediated_calls,
    call_figures.bypass_differs,
    flow_figures.rtp_packets,
    flow_figures.loss_pct
from call_figures
left join leg_figures using (peer)
left join dialog_figures using (peer)
left join offer_figures using (peer)
left join refer_figures using (peer)
left join flow_figures using (peer);

comment on table peer_profile is 'One row per peer of the Mediation Servers: what it did over all calls, with sample sizes.';
comment on column peer_profile.peer is 'Identity in the configuration, else the signalling address.';
comment on column peer_profile.peer_ip is 'Signalling address; the lowest where there are several.';
comment on column peer_profile.peer_ips is 'All signalling addresses seen.';
comment on column peer_profile.agent is 'A User-Agent or Server that the peer sent.';
comment on column peer_profile.calls is 'Calls with this peer.';
comment on column peer_profile.inbound_calls is 'Calls from the PSTN: only these can fork towards the peer.';
comment on column peer_profile.outbound_calls is 'Calls to the PSTN.';
comment on column peer_profile.answered_calls is 'Calls that were answered.';
comment on column peer_profile.early_dialogs_max_seen is
'Most early dialogs that one INVITE of the peer got; NULL without inbound calls.';
comment on column peer_profile.early_dialogs_accepted_max is 'Most early dialogs of an inbound call that was answered.';
comment on column peer_profile.early_dialogs_refused_min is
'Fewest early dialogs of a call in which the peer refused a fork; NULL: it never did.';
comment on column peer_profile.forked_calls is 'Inbound calls with two early dialogs or more: the sample behind fork_refusals.';
comment on column peer_profile.fork_refusals is 'Inbound calls in which the peer refused a further early dialog.';
comment on column peer_profile.pracks is 'Early dialogs with a PRACK: the sample behind prack_failures.';
comment on column peer_profile.prack_failures is 'Of those, PRACK answered with 300 or higher.';
comment on column peer_profile.updates is 'Early dialogs with an UPDATE: the sample behind update_failures.';
comment on column peer_profile.update_failures is 'Of those, UPDATE answered with 300 or higher.';
comment on column peer_profile.refers is 'REFER requests on the peer''s legs.';
comment on column peer_profile.refer_failures is 'Of those, answered with 300 or higher.';
comment on column peer_profile.direct_offered is 'Offers of the Mediation Server to the peer with an endpoint''s address.';
comment on column peer_profile.direct_accepted is 'Of those, accepted.';
comment on column peer_profile.direct_refused is 'Of those, refused: 403, 415, 488, 606, or port 0.';
comment on column peer_profile.refusal_statuses is 'Statuses with which direct media was refused.';
comment on column peer_profile.direct_calls is 'Calls whose media was seen or negotiated directly.';
comment on column peer_profile.mediated_calls is 'Calls whose media went through the Mediation Server or a relay.';
comment on column peer_profile.bypass_differs is 'Calls with a bypass verdict of fail.';
comment on column peer_profile.rtp_packets is 'RTP packets from or to the peer: the sample behind loss_pct.';
comment on column peer_profile.loss_pct is
'Packets lost of those expected, in percent, over all flows from or to the peer; NULL without RTP.';
