/*
One row per configuration snapshot and peer of Teams Direct Routing: the SBC of Get-CsOnlinePSTNGateway that this is, known by its address
or by the name that signalling gives it, with Microsoft's defaults where the configuration leaves a property out.
*/
-- needs: config_in_force
create or replace table bypass_teams_peer as
with

met as (
    select distinct
        config_in_force.snapshot_id,
        bypass_fact.peer_ip
    from bypass_fact inner join config_in_force using (call_no)
    where bypass_fact.mode = 'teams' and bypass_fact.peer_ip is not null
),

matching as (
    select
        met.snapshot_id,
        met.peer_ip,
        teams_gateway as sbc, -- noqa: RF02
        if(list_contains(teams_gateway.addresses, met.peer_ip), 1, 2) as far
    from met
    left join bypass_peer_name using (peer_ip)
    inner join teams_gateway
        on
            met.snapshot_id = teams_gateway.snapshot_id
            and (list_contains(teams_gateway.addresses, met.peer_ip) or bypass_peer_name.name = lower(teams_gateway.identity))
),

best as (
    select
        matching.snapshot_id,
        matching.peer_ip,
        arg_min(matching.sbc, matching.far * 1000000000 + matching.sbc.line) as sbc,
        count(distinct matching.sbc.identity) as sbcs
    from matching
    group by matching.snapshot_id, matching.peer_ip
)

select
    met.snapshot_id,
    met.peer_ip,
    best.sbc.identity as gateway,
    case
        when best.sbc is null then 'the SBC ' || met.peer_ip || ' is not in the configuration (Get-CsOnlinePSTNGateway)'
        when best.sbcs > 1 then 'several SBCs answer to ' || met.peer_ip
    end as teams_problem,
    coalesce(best.sbc.enabled, false) as enabled,
    coalesce(best.sbc.mediabypass, false) as media_bypass,
    coalesce(best.sbc.bypassmode, 'None') as bypass_mode,
    best.sbc.gatewaysiteid as gateway_site,
    best.sbc.proxysbc as proxy_sbc,
    best.sbc.ipaddressversion as ip_version,
    concat(
        'SBC ', best.sbc.identity,
        ': MediaBypass ', case best.sbc.mediabypass when true then 'True' when false then 'False' else 'False (default)' end,
        ', BypassMode ', coalesce(best.sbc.bypassmode, 'None (default)')
    ) as words,
    case
        when best.sbc is not null
            then [{
                'source_id': best.sbc.source_id, 'frame': null::bigint, 'line': best.sbc.line, 'note': 'SBC ' || best.sbc.identity
            }]
    end as evidence
from met left join best using (snapshot_id, peer_ip);

comment on table bypass_teams_peer is
'One row per configuration snapshot and peer of Teams Direct Routing: the SBC of the configuration that it is.';
comment on column bypass_teams_peer.gateway is 'Identity of the SBC; NULL: the configuration has none with this address or name.';
comment on column bypass_teams_peer.words is 'Its settings in words, telling defaults.';
comment on column bypass_teams_peer.snapshot_id is 'config_snapshot.snapshot_id.';
comment on column bypass_teams_peer.peer_ip is 'Signalling address of the SBC.';
comment on column bypass_teams_peer.teams_problem is 'Why it cannot be told which SBC this is; NULL where it can.';
comment on column bypass_teams_peer.enabled is 'Enabled, default applied.';
comment on column bypass_teams_peer.media_bypass is 'MediaBypass, default applied.';
comment on column bypass_teams_peer.bypass_mode is 'BypassMode, default applied.';
comment on column bypass_teams_peer.gateway_site is 'GatewaySiteId.';
comment on column bypass_teams_peer.proxy_sbc is 'ProxySbc.';
comment on column bypass_teams_peer.ip_version is 'IPAddressVersion.';
comment on column bypass_teams_peer.evidence is 'Line of the SBC in the configuration.';
