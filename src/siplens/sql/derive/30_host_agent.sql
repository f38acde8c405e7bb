/* One row per address, User-Agent (or none) and neighbour it sent to: what the host says of itself, and what it merely forwards. */
-- needs: message
create or replace table host_agent as
with

sample as (
    select
        src_ip,
        dst_ip,
        user_agent,
        status is not null as is_response,
        coalesce(status = 100, false) as is_trying,
        coalesce(status between 101 and 299 and method = 'INVITE', false) as forms_dialog,
        arg_min(message_id, ts) as message_id
    from message
    where
        src_ip is not null
        and (status is null or status = 100 or (status < 300 and method in ('INVITE', 'OPTIONS')))
    group by all
),

counted as (
    select
        sample.*,
        list_sum([
            len(string_split(regexp_replace(header.value, '"[^"]*"', '', 'g'), ','))  -- noqa: RF01
            for header in message.headers if lower(header.name) in ('via', 'v')  -- noqa: RF01
        ]) as vias,
        coalesce(list_sum([
            len(string_split(regexp_replace(header.value, '"[^"]*"', '', 'g'), ','))  -- noqa: RF01
            for header in message.headers if lower(header.name) = 'record-route'  -- noqa: RF01
        ]), 0) as record_routes,
        message.method = 'INVITE' as is_invite
    from sample
    inner join message on sample.message_id = message.message_id
)

select
    src_ip as ip,
    dst_ip as neighbour_ip,
    user_agent,
    -- A 100 is never forwarded. A request is its sender's own with one Via. A response is, while there are more Vias than
    -- proxies in Record-Route: each proxy takes its Via off on the way back (RFC 3261 16.7).
    bool_or(case
        when is_trying then true
        when not is_response or not forms_dialog then vias = 1
        else vias > record_routes
    end) as is_own,
    bool_or(is_invite) as in_invite_session,
    case
        when user_agent ilike '%MediationServer%' then 'mediation'
        when user_agent ilike '%PSTNHub%' then 'mediation' -- the SIP proxy of Teams Direct Routing stands where a Mediation Server does
        when user_agent ilike 'RTCC/%' then 'server'
        when user_agent ilike 'RTC/%' then 'front_end'
        when regexp_matches(user_agent, 'UCCAPI/|\bOC/\d|OCPhone|CPE/\d|Microsoft Lync|Skype for Business|Office Communicator')
            then 'client'
        else 'other'
    end as agent_kind,
    min(message_id) as message_id
from counted
group by all;

comment on table host_agent is 'One row per address, User-Agent and neighbour: what a host says of itself, and what it forwards.';
comment on column host_agent.ip is 'Address that sent the messages.';
comment on column host_agent.neighbour_ip is 'Address that it sent them to.';
comment on column host_agent.user_agent is 'User-Agent or Server in them; NULL where there was none.';
comment on column host_agent.is_own is 'True where the host made such a message itself: the Vias show it.';
comment on column host_agent.in_invite_session is 'True where such a message was part of an INVITE transaction.';
comment on column host_agent.agent_kind is 'By its words: mediation, server (Microsoft''s other components), front_end, client or other.';
comment on column host_agent.message_id is 'A message that shows it.';
