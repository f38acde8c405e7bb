/* One row per address: the role of the host behind it, and why. Roles that nothing shows stay unknown. */
-- needs: address
create or replace table host as
with

configured as (
    select
        address as ip,
        'mediation' as role,
        1 as rank,
        'mediation_servers in the configuration' as reason
    from mediation_server
    union
    select
        unnest(addresses) as ip,
        'peer' as role,
        2 as rank,
        format('address of gateway {} in the configuration', identity) as reason
    from gateway
    union
    select
        representativemediaip as ip,
        'peer' as role,
        3 as rank,
        format('RepresentativeMediaIP of gateway {} in the configuration', identity) as reason
    from gateway
    union
    select
        unnest(media_addresses) as ip,
        'peer' as role,
        3 as rank,
        format('media address of gateway {} in the configuration', identity) as reason
    from gateway
    union
    select
        mediationserver as ip,
        'mediation' as role,
        4 as rank,
        format('MediationServer of gateway {} in the configuration', identity) as reason
    from gateway
),

named_by_agent as (
    select
        ip,
        agent_kind as role,
        10 as rank,
        format('sent its own messages as {}', user_agent) as reason
    from host_agent
    where is_own and agent_kind in ('mediation', 'client', 'front_end')
),

certain as (
    select
        ip,
        arg_min(role, rank) as role,
        min(rank) as rank,
        arg_min(reason, (rank, reason)) as reason
    from (
        select * from configured
        union all
        select
            ip,
            role,
            rank + list_position(['mediation', 'client', 'front_end'], role) as rank,
            reason
        from named_by_agent
    ) as known
    where ip is not null
    group by ip
),

mediation as (
    select ip
    from certain
    where role = 'mediation'
),

-- Neighbours of a Mediation Server: who makes his own calls there and is no Microsoft component is a gateway; who passes on
-- a client's messages is a front end.
neighbour as (
    select
        host_agent.ip,
        if(host_agent.is_own, 'peer', 'front_end') as role,
        if(host_agent.is_own, 20, 21) as rank,
        if(
            host_agent.is_own,
            format('neighbour of Mediation Server {}, as {}', mediation.ip, coalesce(host_agent.user_agent, 'a host without User-Agent')),
            format('forwards a client''s messages to Mediation Server {}', mediation.ip)
        ) as reason
    from host_agent
    inner join mediation on host_agent.neighbour_ip = mediation.ip
    anti join certain on host_agent.ip = certain.ip
    where
        host_agent.in_invite_session
        and ((host_agent.is_own and host_agent.agent_kind = 'other') or (not host_agent.is_own and host_agent.agent_kind = 'client'))
),

signalling as (
    select
        ip,
        arg_min(role, (rank, reason)) as role,
        min(rank) as rank,
        arg_min(reason, (rank, reason)) as reason
    from (
        select * from certain
        union all
        select * from neighbour
    ) as known
    group by ip
),

-- Who announced an address in SDP: its sender's own kind, told by the User-Agent even where a front end passed it on.
announcement as (
    select
        counted_sdp.address as ip,
        message.src_ip,
        message.dst_ip,
        message.user_agent,
        min(leg_message.seq) as first_seq
    from counted_sdp
    inner join leg_message using (message_id)
    inner join message using (message_id)
    where leg_message.is_first and counted_sdp.port > 0 and counted_sdp.address not in ('0.0.0.0', '::')
    group by all
),

agent as (
    select distinct
        user_agent,
        agent_kind
    from host_agent
),

announcer as (
    select
        announcement.*,
        case
            when agent.agent_kind = 'client' then 'client'
            when agent.agent_kind = 'mediation' and coalesce(sender.role, 'unknown') <> 'mediation' then 'mediation behind a proxy'
            else sender.role
        end as announcer_role,
        receiver.role as receiver_role
    from announcement
    left join agent on announcement.user_agent = agent.user_agent
    left join signalling as sender on announcement.src_ip = sender.ip
    left join signalling as receiver on announcement.dst_ip = receiver.ip
),

relay_candidate as (
    select
        address as ip,
        'relay' as role,
        30 as rank,
        'relay candidate in SDP' as reason,
        min(message_id) as told_by
    from ice_candidate
    where type = 'relay'
    group by address
),

-- Media in Microsoft's ranges goes through a relay or a media processor of Teams. A range of the configuration replaces the known ones.
microsoft_range as (
    select
        first_num,
        last_num,
        format('in the relay range {}/{} of the configuration', subnetid, maskbits) as reason
    from relay_range
    union all
    select
        first_num,
        last_num,
        format('in {}, a range of Microsoft''s media relays', range) as reason
    from known_relay
    where (select count(*) from relay_range) = 0
),

in_relay_range as (
    select
        address.ip,
        'relay' as role,
        29 as rank,
        min(microsoft_range.reason) as reason
    from address
    inner join microsoft_range on address.ip_hex between microsoft_range.first_num and microsoft_range.last_num
    semi join named_by_agent on named_by_agent.reason ilike '%PSTNHub%'
    group by address.ip
),

-- A Mediation Server has no media address apart from the one it signals with: what else it announces it passes on, the
-- gateway's towards a client and the client's towards a gateway (DOMAIN 2.2). Whoever announced an address himself goes first.
media_address as (
    select
        ip,
        case
            when announcer_role in ('client', 'peer') then announcer_role
            when receiver_role = 'peer' then 'client'
            when receiver_role in ('client', 'front_end') then 'peer'
        end as role,
        if(announcer_role in ('client', 'peer'), 31, 32) as rank,
        case
            when announcer_role in ('client', 'peer') then format('announced by {} {} in its SDP', announcer_role, src_ip)
            else format('announced to {} by Mediation Server {}, which has another address itself', dst_ip, src_ip)
        end as reason,
        first_seq
    from announcer
    where announcer_role in ('client', 'peer', 'mediation') and src_ip is distinct from ip
    union all
    select
        ip,
        announcer_role as role,
        31 as rank,
        format('announced by the {} itself in its SDP', announcer_role) as reason,
        first_seq
    from announcer
    where announcer_role in ('client', 'peer') and src_ip = ip
),

media_role as (
    select
        ip,
        arg_min(role, (rank, first_seq)) as role,
        min(rank) as rank,
        arg_min(reason, (rank, first_seq)) as reason
    from (
        select
            ip,
            role,
            rank,
            reason,
            first_seq
        from media_address
        where role is not null
        union all by name
        select
            ip,
            role,
            rank,
            reason,
            null::bigint as first_seq
        from in_relay_range
        union all by name
        select
            ip,
            role,
            rank,
            reason,
            null::bigint as first_seq
        from relay_candidate
    ) as known
    group by ip
),

judged as (
    select
        ip,
        arg_min(role, rank) as role,
        min(rank) as rank,
        arg_min(reason, rank) as reason
    from (
        select * from signalling
        union all
        select * from media_role
    ) as known
    group by ip
),

seen as (
    select src_ip as ip from message
    union
    select dst_ip from message
    union
    select address from sdp_media
    union
    select address from ice_candidate
    union
    select src_ip from media_flow
    union
    select dst_ip from media_flow
    union
    select ip from judged
),

own_agent as (
    select
        ip,
        min_by(user_agent, message_id) as user_agent
    from host_agent
    where is_own and user_agent is not null
    group by ip
)

select
    address.ip,
    address.ip_hex,
    coalesce(judged.role, 'unknown') as role,
    coalesce(judged.reason, 'nothing seen shows what it is') as role_reason,
    own_agent.user_agent as agent,
    case
        when judged.rank is null then 'none'
        when judged.rank < 10 then 'configuration'
        when judged.rank < 20 then 'user-agent'
        else 'position'
    end as role_source
from seen
inner join address on seen.ip = address.ip
left join judged on seen.ip = judged.ip
left join own_agent on seen.ip = own_agent.ip;

comment on table host is 'One row per address: the role of the host behind it, and why.';
comment on column host.ip is 'Address, canonical text.';
comment on column host.ip_hex is 'address.ip_hex: 32 hexadecimal digits.';
comment on column host.role is 'mediation, peer (gateway, SBC, PBX), client, front_end, relay or unknown.';
comment on column host.role_reason is 'Why it was judged so, in words.';
comment on column host.agent is 'A User-Agent or Server that the host itself sent.';
comment on column host.role_source is 'configuration, user-agent, position (neighbours, SDP) or none.';
