/*
One row per configuration snapshot, peer address and Mediation Server address seen together in a call: the gateway that
this is, and the trunk configuration that applies.

A gateway is known by its address, else by its representative or another media address, else by the name that signalling
gives it (Request-URI towards it, Contact and Via from it). Several trunks may lead to one gateway (Lync 2013 and
later): the one that ends on this Mediation Server is meant. Of trunk configurations the narrowest scope applies:
service, then site, then global. A property that the configuration leaves out has Microsoft's default (Get-
CsTrunkConfiguration, Lync 2013), and its words say so.
*/
-- needs: config_in_force
create or replace table bypass_peer as
with

met as (
    select distinct
        config_in_force.snapshot_id,
        bypass_fact.peer_ip,
        bypass_fact.mediation_ip
    from bypass_fact inner join config_in_force using (call_no)
    where bypass_fact.peer_ip is not null
),

own_addresses as (
    select
        snapshot_id,
        identity,
        unnest(addresses) as ip,
        1 as far
    from gateway
    union all
    select
        snapshot_id,
        identity,
        representativemediaip as ip,
        2 as far
    from gateway
    where representativemediaip is not null
    union all
    select
        snapshot_id,
        identity,
        unnest(media_addresses) as ip,
        2 as far
    from gateway
),

candidates as (
    select
        met.*,
        own_addresses.identity,
        own_addresses.far
    from met inner join own_addresses on met.snapshot_id = own_addresses.snapshot_id and met.peer_ip = own_addresses.ip
    union all
    select
        met.*,
        gateway.identity,
        3 as far
    from met
    inner join bypass_peer_name as names using (peer_ip)
    inner join gateway
        on
            met.snapshot_id = gateway.snapshot_id
            and (names.name = lower(gateway.identity) or names.name = lower(gateway.poolfqdn))
),

ranked as (
    select
        candidates.snapshot_id,
        candidates.peer_ip,
        candidates.mediation_ip,
        gateway as chosen, -- noqa: RF02
        candidates.far * 2 + case
            when gateway.mediationserver = candidates.mediation_ip or mediation_server.pool is not null then 0
            else 1
        end as place
    from candidates
    inner join gateway on candidates.snapshot_id = gateway.snapshot_id and candidates.identity = gateway.identity
    left join mediation_server
        on
            candidates.snapshot_id = mediation_server.snapshot_id
            and candidates.mediation_ip = mediation_server.address
            and lower(gateway.mediationserver) = lower(mediation_server.pool)
),

best as (
    select
        snapshot_id,
        peer_ip,
        mediation_ip,
        chosen,
        place
    from ranked
    qualify place = min(place) over (partition by snapshot_id, peer_ip, mediation_ip)
),

known as (
    select
        met.snapshot_id,
        met.peer_ip,
        met.mediation_ip,
        best.chosen,
        best.place
    from met
    left join best
        on
            met.snapshot_id = best.snapshot_id
            and met.peer_ip = best.peer_ip
            and met.mediation_ip is not distinct from best.mediation_ip
),

scopes as (
    select
        snapshot_id,
        trunk,
        lower(identity) as scope,
        case when identity = 'Global' then 3 when identity like 'Site:%' then 2 else 1 end as width
    from trunk
),

applying as (
    select
        known.snapshot_id,
        known.peer_ip,
        known.mediation_ip,
        arg_min(scopes.trunk, scopes.width) as trunk,
        min(scopes.width) as width
    from known
    left join bypass_peer_name as names on known.chosen is null and known.peer_ip = names.peer_ip
    inner join scopes
        on
            known.snapshot_id = scopes.snapshot_id
            and (
                scopes.scope = 'global'
                or scopes.scope = 'site:' || lower(known.chosen.siteid)
                or scopes.scope = 'service:pstngateway:' || lower(known.chosen.identity)
                or scopes.scope = 'service:pstngateway:' || lower(known.chosen.poolfqdn)
                or scopes.scope = 'service:pstngateway:' || known.peer_ip
                or scopes.scope = 'service:pstngateway:' || names.name
            )
    group by known.snapshot_id, known.peer_ip, known.mediation_ip, known.chosen
),

found as (
    select
        known.snapshot_id,
        known.peer_ip,
        known.mediation_ip,
        any_value(known.chosen order by known.chosen.identity) as gateway,
        any_value(known.place) as place,
        any_value(applying.trunk order by applying.width) as trunk,
        any_value(applying.width order by applying.width) as width,
        count(distinct known.chosen.identity) as gateways,
        count(distinct applying.trunk.identity) as trunks,
        string_agg(distinct known.chosen.identity, ', ' order by known.chosen.identity) as gateway_names
    from known
    left join applying
        on
            known.snapshot_id = applying.snapshot_id
            and known.peer_ip = applying.peer_ip
            and known.mediation_ip is not distinct from applying.mediation_ip
    group by known.snapshot_id, known.peer_ip, known.mediation_ip
),

kinds as (
    select
        snapshot_id,
        count(*) as configured,
        count(*) filter (where width = 2) as of_sites,
        count(*) filter (where width = 1) as of_services
    from scopes
    group by snapshot_id
),

judged as (
    select
        found.*,
        case
            when kinds.configured is null then 'no trunk configuration is in the configuration'
            when found.trunks > 1
                then 'several trunks lead to ' || found.peer_ip || ' (' || found.gateway_names || '), and their settings may differ'
            when found.gateway is null and coalesce(found.width, 3) = 3 and kinds.of_sites + kinds.of_services > 0
                then 'the peer ' || found.peer_ip || ' is not in the configuration, so its trunk is not known'
            when found.trunk is null
                then
                    'no trunk configuration for '
                    || coalesce(found.gateway.identity, found.peer_ip)
                    || ', and no Global one, is in the configuration'
            when found.width = 3 and kinds.of_sites > 0 and found.gateway.siteid is null
                then
                    'trunk configurations of sites exist, and the site of '
                    || coalesce(found.gateway.identity, found.peer_ip)
                    || ' is not in the configuration'
        end as trunk_problem
    from found left join kinds using (snapshot_id)
)

select
    judged.snapshot_id,
    judged.peer_ip,
    judged.mediation_ip,
    judged.gateway.identity as gateway,
    case judged.place // 2 when 1 then 'address' when 2 then 'media address' when 3 then 'name' end as known_by,
    judged.gateway.representativemediaip as representative_media_ip,
    coalesce(judged.gateway.representativemediaip, judged.peer_ip) as location_ip,
    judged.gateway.alternatebypassid as alternate_bypass_id,
    judged.gateway.vendor as vendor,
    judged.gateway.maxearlydialogs as gateway_max_early_dialogs,
    judged.gateway.acceptsdirectmedia as accepts_direct_media,
    judged.trunk_problem,
    case when judged.trunk_problem is null then judged.trunk.identity end as trunk,
    case when judged.trunk_problem is null then coalesce(judged.trunk.enablebypass, false) end as enable_bypass,
    case when judged.trunk_problem is null then coalesce(judged.trunk.concentratedtopology, true) end as concentrated_topology,
    case when judged.trunk_problem is null then coalesce(judged.trunk.enablerefersupport, true) end as enable_refer_support,
    case when judged.trunk_problem is null then coalesce(judged.trunk.rtcpactivecalls, true) end as rtcp_active_calls,
    case when judged.trunk_problem is null then coalesce(judged.trunk.rtcpcallsonhold, true) end as rtcp_calls_on_hold,
    case when judged.trunk_problem is null then coalesce(judged.trunk.maxearlydialogs, 20) end as max_early_dialogs,
    case when judged.trunk_problem is null then coalesce(judged.trunk.srtpmode, 'Required') end as srtp_mode,
    case when judged.trunk_problem is null then judged.trunk.transport end as transport,
    'EnableBypass '
    || case judged.trunk.enablebypass when true then 'True' when false then 'False' else 'False (default)' end as enable_bypass_words,
    concat_ws(
        ', ',
        'ConcentratedTopology '
        || case judged.trunk.concentratedtopology when true then 'True' when false then 'False' else 'True (default)' end,
        'EnableReferSupport '
        || case judged.trunk.enablerefersupport when true then 'True' when false then 'False' else 'True (default)' end,
        'RTCPActiveCalls ' || case judged.trunk.rtcpactivecalls when true then 'True' when false then 'False' else 'True (default)' end,
        'RTCPCallsOnHold ' || case judged.trunk.rtcpcallsonhold when true then 'True' when false then 'False' else 'True (default)' end
    ) as topology_words,
    'MaxEarlyDialogs ' || coalesce(judged.trunk.maxearlydialogs::varchar, '20 (default)') as max_early_dialogs_words,
    'SRTPMode ' || coalesce(judged.trunk.srtpmode, 'Required (default)') as srtp_words,
    case
        when judged.gateway is not null
            then [{
                'source_id': judged.gateway.source_id,
                'frame': null::bigint,
                'line': judged.gateway.line,
                'note': 'gateway ' || judged.gateway.identity
            }]
    end as gateway_evidence,
    case
        when judged.trunk_problem is null
            then [{
                'source_id': judged.trunk.source_id,
                'frame': null::bigint,
                'line': judged.trunk.line,
                'note': 'trunk ' || judged.trunk.identity
            }]
    end as trunk_evidence
from judged;

comment on table bypass_peer is
'One row per configuration snapshot, peer address and Mediation Server address met in calls: gateway and trunk configuration that apply.';
comment on column bypass_peer.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_peer.peer_ip is 'Signalling address of the gateway, IP-PBX or SBC.';
comment on column bypass_peer.mediation_ip is 'Address of the Mediation Server that it spoke with.';
comment on column bypass_peer.gateway is 'Identity of the gateway; NULL: the configuration has none with this address or name.';
comment on column bypass_peer.known_by is 'address, media address or name: how the gateway was recognised.';
comment on column bypass_peer.representative_media_ip is 'RepresentativeMediaIP of the gateway.';
comment on column bypass_peer.location_ip is
'Address that bypass is computed from: RepresentativeMediaIP, else the signalling address (Set-CsPstnGateway).';
comment on column bypass_peer.alternate_bypass_id is 'AlternateByPassId of the gateway.';
comment on column bypass_peer.vendor is 'Vendor of the gateway as the configuration says.';
comment on column bypass_peer.gateway_max_early_dialogs is 'Early dialogs that the entry for the peer says it can take.';
comment on column bypass_peer.accepts_direct_media is 'Whether the entry for the peer says that it takes media from endpoints.';
comment on column bypass_peer.trunk_problem is 'Why it cannot be told which trunk configuration applies; NULL where one does.';
comment on column bypass_peer.trunk is 'Scope of the trunk configuration that applies.';
comment on column bypass_peer.enable_bypass is 'EnableBypass, default applied.';
comment on column bypass_peer.concentrated_topology is 'ConcentratedTopology, default applied.';
comment on column bypass_peer.enable_refer_support is 'EnableReferSupport, default applied.';
comment on column bypass_peer.rtcp_active_calls is 'RTCPActiveCalls, default applied.';
comment on column bypass_peer.rtcp_calls_on_hold is 'RTCPCallsOnHold, default applied.';
comment on column bypass_peer.max_early_dialogs is 'MaxEarlyDialogs of the trunk, default applied.';
comment on column bypass_peer.srtp_mode is 'SRTPMode, default applied.';
comment on column bypass_peer.transport is 'Transport of the trunk where the file says; NULL where not.';
comment on column bypass_peer.enable_bypass_words is 'EnableBypass in words, telling a default.';
comment on column bypass_peer.topology_words is 'The settings that bypass asks of a trunk, in words, telling defaults.';
comment on column bypass_peer.max_early_dialogs_words is 'MaxEarlyDialogs in words, telling a default.';
comment on column bypass_peer.srtp_words is 'SRTPMode in words, telling a default.';
comment on column bypass_peer.gateway_evidence is 'Line of the gateway in the configuration.';
comment on column bypass_peer.trunk_evidence is 'Line of the trunk configuration.';
