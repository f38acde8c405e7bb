/*
One row per call: all that the criteria look at. Configuration in force when the call began, flattened with Microsoft's
defaults; the places of client and peer; what the call's messages say.

The peer's place is that of RepresentativeMediaIP, by default its signalling address (Set-CsPstnGateway), never the media address that
its SDP happens to name. `mode` is 'server' for Mediation Servers (Lync, Skype for Business), 'teams' for Direct Routing: a criterion
judges the calls of one mode.
*/
create or replace view bypass_input as
with

snapshots as (
    select count(*) as snapshots
    from config_snapshot
)

select
    bypass_fact.call_no,
    bypass_fact.mode,
    bypass_fact.direction,
    bypass_fact.mediation_ip,
    bypass_fact.peer_ip,
    bypass_fact.peer_media_ip,
    bypass_fact.early_dialogs,
    config_in_force.snapshot_id,
    case
        when config_in_force.snapshot_id is not null then null
        when snapshots.snapshots = 0 then 'no configuration imported'
        else 'no configuration was in force when the call began'
    end as configuration_problem,
    coalesce(bypass_snapshot.has_settings, false) as has_settings,
    bypass_snapshot.enabled,
    bypass_snapshot.always_bypass,
    bypass_snapshot.enable_default_bypass_id,
    bypass_snapshot.enabled_for_conferences,
    bypass_snapshot.admission_control,
    bypass_snapshot.enabled_words,
    bypass_snapshot.settings_evidence,
    bypass_snapshot.encryption_level,
    bypass_snapshot.encryption_words,
    bypass_snapshot.encryption_evidence,
    coalesce(bypass_snapshot.subnets, 0) as subnets,
    bypass_peer.gateway,
    bypass_peer.representative_media_ip,
    coalesce(bypass_peer.location_ip, bypass_fact.peer_ip) as location_ip,
    bypass_peer.vendor,
    bypass_peer.gateway_max_early_dialogs,
    bypass_peer.accepts_direct_media,
    vendor_limit.vendor as known_vendor,
    vendor_limit.max_early_dialogs as vendor_limit,
    vendor_limit.document as vendor_document,
    vendor_limit.evidence as vendor_evidence,
    case
        when config_in_force.snapshot_id is null then null
        when bypass_fact.peer_ip is null then 'the peer''s address was not seen, so its trunk is not known'
        else bypass_peer.trunk_problem
    end as trunk_problem,
    bypass_peer.trunk,
    bypass_peer.enable_bypass,
    bypass_peer.concentrated_topology,
    bypass_peer.enable_refer_support,
    bypass_peer.rtcp_active_calls,
    bypass_peer.rtcp_calls_on_hold,
    bypass_peer.max_early_dialogs,
    bypass_peer.srtp_mode,
    coalesce(bypass_peer.transport, bypass_fact.peer_transport) as transport,
    if(bypass_peer.transport is null, 'as seen', 'as configured') as transport_source,
    bypass_peer.enable_bypass_words,
    bypass_peer.topology_words,
    bypass_peer.max_early_dialogs_words,
    bypass_peer.srtp_words,
    bypass_peer.gateway_evidence,
    bypass_peer.trunk_evidence,
    teams_peer.gateway as teams_gateway,
    teams_peer.teams_problem,
    teams_peer.enabled as teams_enabled,
    teams_peer.media_bypass as teams_media_bypass,
    teams_peer.bypass_mode as teams_bypass_mode,
    teams_peer.gateway_site as teams_gateway_site,
    teams_peer.proxy_sbc as teams_proxy_sbc,
    teams_peer.ip_version as teams_ip_version,
    teams_peer.words as teams_words,
    teams_peer.evidence as teams_evidence,
    bypass_fact.client_address,
    bypass_fact.client_address_kind,
    bypass_fact.client_media_role,
    bypass_fact.client_family,
    bypass_fact.client_is_private,
    bypass_fact.client_outside_ip,
    coalesce(bypass_snapshot.trusted_ranges, 0) as trusted_ranges,
    bypass_trusted.trusted_range,
    bypass_trusted.evidence as trusted_evidence,
    nullif([place for place in bypass_fact.places if place.note = 'outside address of the user'], []) as outside_seen, -- noqa: RF01, RF02
    client_place.subnet as client_subnet,
    client_place.site as client_site,
    coalesce(client_place.words, 'in no configured subnet') as client_words,
    client_place.problem as client_problem,
    coalesce(client_place.bypass_id, case when client_place.subnet is null then bypass_snapshot.default_bypass_id end) as client_bypass_id,
    client_place.is_made as client_id_is_made,
    client_place.evidence as client_place_evidence,
    peer_place.subnet as peer_subnet,
    peer_place.site as peer_site,
    coalesce(peer_place.words, 'in no configured subnet') as peer_words,
    peer_place.problem as peer_problem,
    coalesce(peer_place.bypass_id, case when peer_place.subnet is null then bypass_snapshot.default_bypass_id end) as peer_bypass_id,
    peer_place.is_made as peer_id_is_made,
    peer_place.evidence as peer_place_evidence,
    bypass_fact.has_client_leg,
    bypass_fact.has_peer_leg,
    bypass_fact.client_agent,
    bypass_fact.client_major,
    bypass_fact.client_is_phone,
    bypass_fact.peer_agent,
    bypass_fact.peer_allow,
    nullif([place for place in bypass_fact.places if place.note = 'INVITE of the client''s leg'], []) as client_invite, -- noqa: RF01, RF02
    nullif([place for place in bypass_fact.places if place.note = 'INVITE of the peer''s leg'], []) as peer_invite, -- noqa: RF01, RF02
    bypass_fact.ms_location,
    bypass_fact.ms_subnet,
    bypass_fact.teams_user_location,
    bypass_fact.teams_media_path,
    bypass_fact.teams_user_site,
    nullif([place for place in bypass_fact.places if place.note = 'location named by the client'], []) as client_mark, -- noqa: RF01, RF02
    nullif([place for place in bypass_fact.places if place.note = 'X-MS headers'], []) as teams_mark, -- noqa: RF01, RF02
    bypass_fact.has_client_sdp,
    bypass_fact.has_peer_sdp,
    bypass_fact.client_pcmu,
    bypass_fact.client_pcma,
    bypass_fact.peer_pcmu,
    bypass_fact.peer_pcma,
    bypass_fact.client_codecs,
    bypass_fact.peer_codecs,
    bypass_fact.client_srtp,
    bypass_fact.client_plain,
    bypass_fact.peer_srtp,
    bypass_fact.peer_plain,
    bypass_fact.client_protos,
    bypass_fact.peer_protos,
    nullif([place for place in bypass_fact.places if place.note = 'SDP of the client'], []) as client_sdp_seen, -- noqa: RF01, RF02
    nullif([place for place in bypass_fact.places if place.note = 'SDP of the peer'], []) as peer_sdp_seen, -- noqa: RF01, RF02
    bypass_fact.wire_client_bypass_id,
    bypass_fact.wire_peer_bypass_id,
    nullif([place for place in bypass_fact.places if place.note = 'x-bypassid'], []) as wire_bypass_seen, -- noqa: RF01, RF02
    bypass_fact.is_conference,
    nullif([place for place in bypass_fact.places if place.note = 'conference'], []) as conference_seen, -- noqa: RF01, RF02
    bypass_fact.was_transferred,
    bypass_fact.made_by_transfer,
    nullif([place for place in bypass_fact.places if place.note = 'transfer'], []) as transfer_seen -- noqa: RF01, RF02
from bypass_fact
cross join snapshots
left join config_in_force on bypass_fact.call_no = config_in_force.call_no
left join bypass_snapshot on config_in_force.snapshot_id = bypass_snapshot.snapshot_id
left join bypass_peer
    on
        config_in_force.snapshot_id = bypass_peer.snapshot_id
        and bypass_fact.peer_ip = bypass_peer.peer_ip
        and bypass_fact.mediation_ip is not distinct from bypass_peer.mediation_ip
left join bypass_vendor as vendor_limit
    on
        config_in_force.snapshot_id is not distinct from vendor_limit.snapshot_id
        and bypass_peer.vendor is not distinct from vendor_limit.said
        and bypass_fact.peer_agent is not distinct from vendor_limit.agent
left join bypass_teams_peer as teams_peer
    on config_in_force.snapshot_id = teams_peer.snapshot_id and bypass_fact.peer_ip = teams_peer.peer_ip
left join bypass_trusted
    on config_in_force.snapshot_id = bypass_trusted.snapshot_id and bypass_fact.client_outside_ip = bypass_trusted.ip
left join bypass_place as client_place
    on config_in_force.snapshot_id = client_place.snapshot_id and bypass_fact.client_address = client_place.ip
left join bypass_place as peer_place
    on
        config_in_force.snapshot_id = peer_place.snapshot_id
        and coalesce(bypass_peer.location_ip, bypass_fact.peer_ip) = peer_place.ip;

comment on view bypass_input is 'One row per call: all that the criteria of the bypass decision look at.';
comment on column bypass_input.call_no is 'call.call_no.';
comment on column bypass_input.mode is 'server: Mediation Servers of Lync and Skype for Business; teams: Direct Routing.';
comment on column bypass_input.direction is 'call.direction.';
comment on column bypass_input.mediation_ip is 'call.mediation_ip.';
comment on column bypass_input.peer_ip is 'call.peer_ip: signalling address of the peer.';
comment on column bypass_input.peer_media_ip is 'call.peer_media_ip: address in the peer''s SDP.';
comment on column bypass_input.early_dialogs is 'call.early_dialogs.';
comment on column bypass_input.snapshot_id is 'config_snapshot in force when the call began.';
comment on column bypass_input.configuration_problem is 'Why there is no configuration for the call; NULL where there is.';
comment on column bypass_input.has_settings is 'Whether the configuration has media bypass settings.';
comment on column bypass_input.enabled is 'Enabled, default applied.';
comment on column bypass_input.always_bypass is 'AlwaysBypass, default applied; false while Enabled is.';
comment on column bypass_input.enable_default_bypass_id is 'EnableDefaultBypassID, default applied.';
comment on column bypass_input.enabled_for_conferences is 'EnabledForAudioVideoConferences, default applied.';
comment on column bypass_input.admission_control is 'EnableBandwidthPolicyCheck, default applied.';
comment on column bypass_input.enabled_words is 'Enabled in words, telling a default.';
comment on column bypass_input.settings_evidence is 'Line of the settings in the configuration.';
comment on column bypass_input.encryption_level is 'EncryptionLevel, default applied; NULL where no media configuration was imported.';
comment on column bypass_input.encryption_words is 'EncryptionLevel in words, telling a default.';
comment on column bypass_input.encryption_evidence is 'Line of the media configuration.';
comment on column bypass_input.subnets is 'Network subnets in the configuration.';
comment on column bypass_input.gateway is 'Identity of the peer in the configuration; NULL where it is not there.';
comment on column bypass_input.representative_media_ip is 'bypass_peer.representative_media_ip.';
comment on column bypass_input.location_ip is 'Address of the peer that bypass is computed from.';
comment on column bypass_input.vendor is 'bypass_peer.vendor.';
comment on column bypass_input.gateway_max_early_dialogs is 'bypass_peer.gateway_max_early_dialogs.';
comment on column bypass_input.accepts_direct_media is 'bypass_peer.accepts_direct_media.';
comment on column bypass_input.known_vendor is
'Vendor of the peer as the tables of vendors know it, by the configuration''s word or the peer''s User-Agent.';
comment on column bypass_input.vendor_limit is 'Early dialogs that this vendor says its products take.';
comment on column bypass_input.vendor_document is 'Where that is written.';
comment on column bypass_input.vendor_evidence is 'The line of the user''s file that says so.';
comment on column bypass_input.trunk_problem is 'Why it cannot be told which trunk configuration applies; NULL where one does.';
comment on column bypass_input.trunk is 'bypass_peer.trunk.';
comment on column bypass_input.enable_bypass is 'bypass_peer.enable_bypass.';
comment on column bypass_input.concentrated_topology is 'bypass_peer.concentrated_topology.';
comment on column bypass_input.enable_refer_support is 'bypass_peer.enable_refer_support.';
comment on column bypass_input.rtcp_active_calls is 'bypass_peer.rtcp_active_calls.';
comment on column bypass_input.rtcp_calls_on_hold is 'bypass_peer.rtcp_calls_on_hold.';
comment on column bypass_input.max_early_dialogs is 'bypass_peer.max_early_dialogs.';
comment on column bypass_input.srtp_mode is 'bypass_peer.srtp_mode.';
comment on column bypass_input.transport is 'Transport of the trunk: the configuration''s word, else as seen.';
comment on column bypass_input.transport_source is 'as configured or as seen.';
comment on column bypass_input.enable_bypass_words is 'bypass_peer.enable_bypass_words.';
comment on column bypass_input.topology_words is 'bypass_peer.topology_words.';
comment on column bypass_input.max_early_dialogs_words is 'bypass_peer.max_early_dialogs_words.';
comment on column bypass_input.srtp_words is 'bypass_peer.srtp_words.';
comment on column bypass_input.gateway_evidence is 'bypass_peer.gateway_evidence.';
comment on column bypass_input.trunk_evidence is 'bypass_peer.trunk_evidence.';
comment on column bypass_input.teams_gateway is 'Identity of the SBC of Direct Routing.';
comment on column bypass_input.teams_problem is 'Why the SBC is not known.';
comment on column bypass_input.teams_enabled is 'Enabled of the SBC, default applied.';
comment on column bypass_input.teams_media_bypass is 'MediaBypass of the SBC, default applied.';
comment on column bypass_input.teams_bypass_mode is 'BypassMode (Local Media Optimization), default applied.';
comment on column bypass_input.teams_gateway_site is 'GatewaySiteId of the SBC.';
comment on column bypass_input.teams_proxy_sbc is 'ProxySbc of the SBC.';
comment on column bypass_input.teams_ip_version is 'IPAddressVersion of the SBC.';
comment on column bypass_input.teams_words is 'The SBC''s settings in words, telling defaults.';
comment on column bypass_input.teams_evidence is 'Line of the SBC in the configuration.';
comment on column bypass_input.client_address is 'Address by which the client is placed.';
comment on column bypass_input.client_address_kind is 'media address, signalling address or ms-subnet.';
comment on column bypass_input.client_media_role is 'host.role of the address in the client''s SDP.';
comment on column bypass_input.client_family is '4 or 6.';
comment on column bypass_input.client_is_private is 'bypass_fact.client_is_private.';
comment on column bypass_input.client_outside_ip is 'bypass_fact.client_outside_ip.';
comment on column bypass_input.trusted_ranges is 'Trusted ranges of the tenant in the configuration.';
comment on column bypass_input.trusted_range is 'The one that holds the outside address.';
comment on column bypass_input.trusted_evidence is 'Its line.';
comment on column bypass_input.outside_seen is 'The message that shows the outside address.';
comment on column bypass_input.client_subnet is 'Configured subnet that holds the client.';
comment on column bypass_input.client_site is 'Site of the client.';
comment on column bypass_input.client_words is 'The client''s place in words.';
comment on column bypass_input.client_problem is 'bypass_place.problem of the client.';
comment on column bypass_input.client_bypass_id is 'Bypass ID of the client, EnableDefaultBypassID applied.';
comment on column bypass_input.client_id_is_made is 'True where that ID was made from a name.';
comment on column bypass_input.client_place_evidence is 'Lines of the client''s subnet, site, region.';
comment on column bypass_input.peer_subnet is 'Configured subnet that holds the peer.';
comment on column bypass_input.peer_site is 'Site of the peer.';
comment on column bypass_input.peer_words is 'The peer''s place in words.';
comment on column bypass_input.peer_problem is 'bypass_place.problem of the peer.';
comment on column bypass_input.peer_bypass_id is 'Bypass ID of the peer, EnableDefaultBypassID applied.';
comment on column bypass_input.peer_id_is_made is 'True where that ID was made from a name.';
comment on column bypass_input.peer_place_evidence is 'Lines of the peer''s subnet, site, region.';
comment on column bypass_input.has_client_leg is 'bypass_fact.has_client_leg.';
comment on column bypass_input.has_peer_leg is 'bypass_fact.has_peer_leg.';
comment on column bypass_input.client_agent is 'bypass_fact.client_agent.';
comment on column bypass_input.client_major is 'bypass_fact.client_major.';
comment on column bypass_input.client_is_phone is 'bypass_fact.client_is_phone.';
comment on column bypass_input.peer_agent is 'bypass_fact.peer_agent.';
comment on column bypass_input.peer_allow is 'bypass_fact.peer_allow.';
comment on column bypass_input.client_invite is 'Where the client leg''s INVITE was seen.';
comment on column bypass_input.peer_invite is 'Where the peer leg''s INVITE was seen.';
comment on column bypass_input.ms_location is 'bypass_fact.ms_location.';
comment on column bypass_input.ms_subnet is 'bypass_fact.ms_subnet.';
comment on column bypass_input.teams_user_location is 'bypass_fact.teams_user_location.';
comment on column bypass_input.teams_media_path is 'bypass_fact.teams_media_path.';
comment on column bypass_input.teams_user_site is 'bypass_fact.teams_user_site.';
comment on column bypass_input.client_mark is 'Where the client''s location headers were seen.';
comment on column bypass_input.teams_mark is 'Where X-MS headers were first seen.';
comment on column bypass_input.has_client_sdp is 'bypass_fact.has_client_sdp.';
comment on column bypass_input.has_peer_sdp is 'bypass_fact.has_peer_sdp.';
comment on column bypass_input.client_pcmu is 'bypass_fact.client_pcmu.';
comment on column bypass_input.client_pcma is 'bypass_fact.client_pcma.';
comment on column bypass_input.peer_pcmu is 'bypass_fact.peer_pcmu.';
comment on column bypass_input.peer_pcma is 'bypass_fact.peer_pcma.';
comment on column bypass_input.client_codecs is 'bypass_fact.client_codecs.';
comment on column bypass_input.peer_codecs is 'bypass_fact.peer_codecs.';
comment on column bypass_input.client_srtp is 'bypass_fact.client_srtp.';
comment on column bypass_input.client_plain is 'bypass_fact.client_plain.';
comment on column bypass_input.peer_srtp is 'bypass_fact.peer_srtp.';
comment on column bypass_input.peer_plain is 'bypass_fact.peer_plain.';
comment on column bypass_input.client_protos is 'bypass_fact.client_protos.';
comment on column bypass_input.peer_protos is 'bypass_fact.peer_protos.';
comment on column bypass_input.client_sdp_seen is 'Where the client''s SDP was first seen.';
comment on column bypass_input.peer_sdp_seen is 'Where the peer''s SDP was first seen.';
comment on column bypass_input.wire_client_bypass_id is 'bypass_fact.wire_client_bypass_id.';
comment on column bypass_input.wire_peer_bypass_id is 'bypass_fact.wire_peer_bypass_id.';
comment on column bypass_input.wire_bypass_seen is 'Where an x-bypassid was first seen.';
comment on column bypass_input.is_conference is 'bypass_fact.is_conference.';
comment on column bypass_input.conference_seen is 'Where a conference shows; NULL: nowhere.';
comment on column bypass_input.was_transferred is 'bypass_fact.was_transferred.';
comment on column bypass_input.made_by_transfer is 'bypass_fact.made_by_transfer.';
comment on column bypass_input.transfer_seen is 'Where the transfer shows.';
