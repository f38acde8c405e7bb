/* One row per leg: an INVITE session, Call-ID and From tag. All its hops are one leg; a challenge and its retry are one leg. */
-- needs: leg_setup
create or replace table leg as
with

-- Only the messages that leg_setup names are read, one kind at a time: a join with all messages would need much more memory.
shown as (
    select
        message_id,
        call_id,
        from_tag,
        to_tag,
        from_user,
        to_user,
        src_ip,
        src_port,
        dst_ip,
        dst_port,
        transport,
        user_agent
    from message
    where message_id in (select leg_setup.shown_id from leg_setup)
),

callee_says as (
    select
        message_id,
        user_agent
    from message
    where message_id in (select leg_setup.callee_says_id from leg_setup)
),

cancel as (
    select
        message_id,
        reason
    from message
    where message_id in (select leg_setup.cancel_id from leg_setup)
),

failure as (
    select
        message_id,
        user_agent
    from message
    where message_id in (select leg_setup.failure_id from leg_setup)
),

placed as (
    select
        leg_setup.*,
        source.last_ts + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as source_last_ts,
        shown.call_id,
        if(leg_setup.asked_by_caller, shown.from_tag, shown.to_tag) as from_tag,
        if(leg_setup.asked_by_caller, shown.from_user, shown.to_user) as caller_user,
        if(leg_setup.asked_by_caller, shown.to_user, shown.from_user) as callee_user,
        if(leg_setup.sent_by_caller, shown.src_ip, shown.dst_ip) as src_ip,
        if(leg_setup.sent_by_caller, shown.src_port, shown.dst_port) as src_port,
        if(leg_setup.sent_by_caller, shown.dst_ip, shown.src_ip) as dst_ip,
        if(leg_setup.sent_by_caller, shown.dst_port, shown.src_port) as dst_port,
        shown.transport,
        if(leg_setup.sent_by_caller, shown.user_agent, null) as caller_agent,
        callee_says.user_agent as callee_agent,
        failure.user_agent as failure_agent,
        -- RFC 3326: Reason: SIP;cause=200;text="Call completed elsewhere"
        coalesce(cancel.reason ilike '%elsewhere%' or regexp_matches(cancel.reason, '(?i)sip\s*;\s*cause\s*=\s*200'), false)
            as answered_elsewhere
    from leg_setup
    left join shown on leg_setup.shown_id = shown.message_id
    left join source on leg_setup.source_id = source.source_id
    left join callee_says on leg_setup.callee_says_id = callee_says.message_id
    left join cancel on leg_setup.cancel_id = cancel.message_id
    left join failure on leg_setup.failure_id = failure.message_id
),

ends as (
    select
        *,
        coalesce(first_sender, src_ip) as caller_ip,
        case
            when answering_ip is not null and not coalesce(answered_by_proxy, false) then answering_ip
            else coalesce(last_receiver, dst_ip)
        end as callee_ip,
        coalesce(hops, [struct_pack(src_ip := src_ip, dst_ip := dst_ip)]) as all_hops
    from placed
),

agent_role as (
    select distinct
        user_agent,
        agent_kind
    from host_agent
    where agent_kind in ('mediation', 'client')
),

-- An end's role is that of its host; behind a proxy its User-Agent still tells.
roles as (
    select
        ends.*,
        case
            when caller_host.role in ('front_end', 'unknown') or caller_host.role is null
                then coalesce(caller_agent_role.agent_kind, caller_host.role, 'unknown')
            else caller_host.role
        end as caller_role,
        case
            when callee_host.role in ('front_end', 'unknown') or callee_host.role is null
                -- Of a failure, only the words of a Mediation Server or client count: a proxy's failure is its own.
                then coalesce(callee_agent_role.agent_kind, failure_agent_role.agent_kind, callee_host.role, 'unknown')
            else callee_host.role
        end as callee_role,
        caller_host.role as caller_host_role,
        callee_host.role as callee_host_role
    from ends
    left join host as caller_host on ends.caller_ip = caller_host.ip
    left join host as callee_host on ends.callee_ip = callee_host.ip
    left join agent_role as caller_agent_role on ends.caller_agent = caller_agent_role.user_agent
    left join agent_role as callee_agent_role on ends.callee_agent = callee_agent_role.user_agent
    left join agent_role as failure_agent_role on ends.failure_agent = failure_agent_role.user_agent
),

-- 64*T1 without any response is Timer B; three minutes without progress is Timer C (RFC 3261 16.6).
judged as (
    select
        *,
        case
            when answered_ts is not null then 'answered'
            when final_status = 487 then 'cancelled'
            when final_status is not null then 'rejected'
            when cancel_id is not null then 'cancelled'
            when bye_id is not null or has_reinvite then 'answered'
            when invite_id is null then 'open'
            when source_last_ts >= last_ts + if(has_progress, interval 180 seconds, interval 32 seconds) then 'unanswered'
            else 'open'
        end as outcome,
        list_sort([caller_role, callee_role]) as end_roles
    from roles
)

select
    leg_id,
    md5(call_id || '|' || coalesce(from_tag, '')) as fingerprint,
    call_id,
    from_tag,
    invite_id,
    first_ts as started_ts,
    src_ip,
    src_port,
    dst_ip,
    dst_port,
    transport,
    all_hops as hops,
    caller_ip,
    callee_ip,
    caller_user,
    callee_user,
    caller_role,
    callee_role,
    case
        when end_roles = ['mediation', 'peer'] then 'peer'
        when end_roles in (['client', 'mediation'], ['front_end', 'mediation']) then 'client'
        else 'unknown'
    end as side,
    case caller_role
        when 'peer' then 'peer'
        when 'mediation' then 'mediation'
        when 'client' then 'client'
        when 'front_end' then 'client'
        else 'unknown'
    end as invited_by,
    case 'mediation' when caller_host_role then caller_ip when callee_host_role then callee_ip end as mediation_ip,
    case 'peer' when caller_host_role then caller_ip when callee_host_role then callee_ip end as peer_ip,
    case 'client' when caller_host_role then caller_ip when callee_host_role then callee_ip end as client_ip,
    answered_ts,
    answered_dialog_id,
    cancel_id,
    cancel_ts,
    answered_elsewhere,
    bye_id,
    bye_ts,
    if(bye_id is not null, bye_by, null) as bye_by,
    case
        when outcome = 'answered' then bye_ts
        else coalesce(final_ts, cancel_ts, bye_ts)
    end as ended_ts,
    final_id,
    final_status,
    final_reason,
    final_ts,
    outcome,
    early_dialogs,
    caller_agent,
    callee_agent,
    last_ts
from judged;

comment on table leg is 'One row per leg: an INVITE session, Call-ID and From tag, over all its hops.';
comment on column leg.leg_id is 'message_id of the first message of the session that was seen.';
comment on column leg.fingerprint is 'md5 of Call-ID, a bar and From tag: the same whenever the evidence is ingested again.';
comment on column leg.call_id is 'Call-ID.';
comment on column leg.from_tag is 'From tag of the INVITE.';
comment on column leg.invite_id is 'message_id of the first INVITE; NULL where it was not captured.';
comment on column leg.started_ts is 'First message seen, on the reference clock (UTC).';
comment on column leg.src_ip is 'Sender of the INVITE on the first hop seen.';
comment on column leg.src_port is 'Its port.';
comment on column leg.dst_ip is 'Receiver of the INVITE on the first hop seen.';
comment on column leg.dst_port is 'Its port.';
comment on column leg.transport is 'Transport of the first hop.';
comment on column leg.hops is 'Hops of the INVITE in order of time.';
comment on column leg.caller_ip is 'Outermost address on the caller''s side.';
comment on column leg.callee_ip is 'Outermost address on the callee''s side: who answered, where it forked.';
comment on column leg.caller_user is 'User part of From: number or name.';
comment on column leg.callee_user is 'User part of To: number or name.';
comment on column leg.caller_role is 'host.role of the caller''s end; behind a proxy by its User-Agent.';
comment on column leg.callee_role is 'host.role of the callee''s end; behind a proxy by its User-Agent.';
comment on column leg.side is 'client: client or front end and Mediation Server; peer: Mediation Server and gateway; else unknown.';
comment on column leg.invited_by is 'peer, mediation, client or unknown: who sent the INVITE.';
comment on column leg.mediation_ip is 'Address of the Mediation Server at one end.';
comment on column leg.peer_ip is 'Signalling address of the gateway at one end.';
comment on column leg.client_ip is 'Signalling address of the client at one end.';
comment on column leg.answered_ts is 'First 2xx to the INVITE.';
comment on column leg.answered_dialog_id is 'dialog.dialog_id that the first 2xx confirmed.';
comment on column leg.cancel_id is 'message_id of the CANCEL.';
comment on column leg.cancel_ts is 'Its time.';
comment on column leg.answered_elsewhere is 'True where the CANCEL says in its Reason that the call was answered elsewhere.';
comment on column leg.bye_id is 'message_id of the BYE, of the answered dialog where there are several.';
comment on column leg.bye_ts is 'Its time.';
comment on column leg.bye_by is 'caller or callee: who sent the BYE.';
comment on column leg.ended_ts is 'BYE, or the failure or CANCEL that ended the attempt; NULL while open.';
comment on column leg.final_id is 'message_id of the final response of the last attempt: the 2xx where one was seen.';
comment on column leg.final_status is 'Its status.';
comment on column leg.final_reason is 'Its reason phrase.';
comment on column leg.final_ts is 'Its time, on the reference clock (UTC).';
comment on column leg.outcome is
'answered, cancelled (CANCEL or 487), rejected (another failure), unanswered (no final response, and time for it was over) or open.';
comment on column leg.early_dialogs is 'Distinct To tags in responses 101 to 199 to the INVITE.';
comment on column leg.caller_agent is 'User-Agent of the caller.';
comment on column leg.callee_agent is 'User-Agent or Server of the callee.';
comment on column leg.last_ts is 'Last message seen, on the reference clock (UTC).';
