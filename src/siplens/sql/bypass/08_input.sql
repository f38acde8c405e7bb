/*
One row per call: all that the criteria look at. Configuration in force when the call began, flattened with Microsoft's
defaults; the places of client and peer; what the call's messages say.

The client's place is that of its media address, for bypass is about media; where that address is a server's or a
relay's, or is not known, its signalling address; then the network it names in ms-subnet. The peer's place is that of
RepresentativeMediaIP, by default its signalling address (Set-CsPstnGateway), never the media address that its SDP
happens to name. `mode` is 'server' for Mediation Servers (Lync, Skype for Business).
*/
create or replace table bypass_input as
with

snapshots as (select count(*) as snapshots from config_snapshot),

settings as (
    select *
    from bypass_settings
    qualify row_number() over (partition by snapshot_id order by source_id desc, line desc) = 1
),

media_levels as (
    select
        snapshot_id,
        arg_min(media_configuration, case when lower(coalesce(identity, 'global')) = 'global' then 0 else 1 end) as media
    from media_configuration
    group by snapshot_id
),

subnet_counts as (
    select
        snapshot_id,
        count(*) as subnets
    from network_subnet
    group by snapshot_id
),

servers as (
    select distinct ip from host
    where role in ('mediation', 'peer', 'front_end', 'relay')
),

located as (
    select
        call.*,
        bypass_fact.* exclude (call_no),
        config_in_force.snapshot_id,
        media_host.role as client_media_role,
        case
            when call.client_media_ip is not null and media_server.ip is null then call.client_media_ip
            when call.client_ip is not null and signalling_server.ip is null then call.client_ip
            else bypass_fact.ms_subnet
        end as client_address,
        case
            when call.client_media_ip is not null and media_server.ip is null then 'media address'
            when call.client_ip is not null and signalling_server.ip is null then 'signalling address'
            when bypass_fact.ms_subnet is not null then 'ms-subnet'
        end as client_address_kind
    from call
    inner join bypass_fact using (call_no)
    left join config_in_force using (call_no)
    left join host as media_host on call.client_media_ip = media_host.ip
    left join servers as media_server on call.client_media_ip = media_server.ip
    left join servers as signalling_server on call.client_ip = signalling_server.ip
),

cited as (
    select
        unnest([
            client_invite_id, peer_invite_id, client_mark_id, client_sdp_id,
            peer_sdp_id, wire_bypass_message_id, conference_id, transfer_id
        ]) as message_id
    from bypass_fact
),

seen as materialized (
    select
        message.message_id,
        message.source_id,
        message.frame,
        message.line
    from message
    semi join cited using (message_id)
)

select
    located.call_no,
    'server' as mode,
    located.direction,
    located.mediation_ip,
    located.peer_ip,
    located.peer_media_ip,
    located.early_dialogs,
    located.snapshot_id,
    case
        when located.snapshot_id is not null then null
        when snapshots.snapshots = 0 then 'no configuration imported'
        else 'no configuration was in force when the call began'
    end as configuration_problem,
    settings.snapshot_id is not null as has_settings,
    case when settings.snapshot_id is not null then coalesce(settings.enabled, false) end as enabled,
    case
        when settings.snapshot_id is not null
            then coalesce(settings.enabled, false) and coalesce(settings.alwaysbypass, false)
    end as always_bypass,
    case when settings.snapshot_id is not null then coalesce(settings.enabledefaultbypassid, false) end as enable_default_bypass_id,
    coalesce(settings.enabledforaudiovideoconferences, false) as enabled_for_conferences,
    'Enabled ' || case settings.enabled when true then 'True' when false then 'False' else 'False (default)' end as enabled_words,
    case
        when settings.snapshot_id is not null
            then [{
                'source_id': settings.source_id, 'frame': null::bigint, 'line': settings.line, 'note': 'MediaBypassSettings'
            }]
    end as settings_evidence,
    case when media_levels.snapshot_id is not null then coalesce(media_levels.media.encryptionlevel, 'RequireEncryption') end
        as encryption_level,
    'EncryptionLevel ' || coalesce(media_levels.media.encryptionlevel, 'RequireEncryption (default)') as encryption_words,
    case
        when media_levels.snapshot_id is not null
            then [{
                'source_id': media_levels.media.source_id,
                'frame': null::bigint,
                'line': media_levels.media.line,
                'note': 'media configuration'
            }]
    end as encryption_evidence,
    coalesce(subnet_counts.subnets, 0) as subnets,
    bypass_peer.gateway,
    bypass_peer.representative_media_ip,
    coalesce(bypass_peer.location_ip, located.peer_ip) as location_ip,
    bypass_peer.vendor,
    bypass_peer.gateway_max_early_dialogs,
    bypass_peer.accepts_direct_media,
    case
        when located.snapshot_id is null then null
        when located.peer_ip is null then 'the peer''s address was not seen, so its trunk is not known'
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
    coalesce(bypass_peer.transport, located.peer_transport) as transport,
    if(bypass_peer.transport is null, 'as seen', 'as configured') as transport_source,
    bypass_peer.enable_bypass_words,
    bypass_peer.topology_words,
    bypass_peer.max_early_dialogs_words,
    bypass_peer.srtp_words,
    bypass_peer.gateway_evidence,
    bypass_peer.trunk_evidence,
    located.client_address,
    located.client_address_kind,
    located.client_media_role,
    client_address.family as client_family,
    case
        when client_address.family = 4
            then regexp_matches(located.client_address, '^(10\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|169\.254\.)')
        when
            client_address.family = 6
            then left(client_address.ip_hex, 2) in ('fc', 'fd') or left(client_address.ip_hex, 3) in ('fe8', 'fe9', 'fea', 'feb')
    end as client_is_private,
    client_place.subnet as client_subnet,
    client_place.words as client_words,
    client_place.problem as client_problem,
    coalesce(
        client_place.bypass_id,
        case when client_place.subnet is null and settings.enabledefaultbypassid then coalesce(settings.bypassid, 'default') end
    ) as client_bypass_id,
    client_place.is_made as client_id_is_made,
    client_place.evidence as client_place_evidence,
    peer_place.subnet as peer_subnet,
    peer_place.words as peer_words,
    peer_place.problem as peer_problem,
    coalesce(
        peer_place.bypass_id,
        case when peer_place.subnet is null and settings.enabledefaultbypassid then coalesce(settings.bypassid, 'default') end
    ) as peer_bypass_id,
    peer_place.is_made as peer_id_is_made,
    peer_place.evidence as peer_place_evidence,
    located.has_client_leg,
    located.has_peer_leg,
    located.client_agent,
    located.peer_agent,
    case
        when client_invite_message.message_id is not null
            then [{
                'source_id': client_invite_message.source_id,
                'frame': client_invite_message.frame,
                'line': client_invite_message.line,
                'note': 'INVITE of the client''s leg'
            }]
    end as client_invite,
    case
        when peer_invite_message.message_id is not null
            then [{
                'source_id': peer_invite_message.source_id,
                'frame': peer_invite_message.frame,
                'line': peer_invite_message.line,
                'note': 'INVITE of the peer''s leg'
            }]
    end as peer_invite,
    located.ms_location,
    located.ms_subnet,
    case
        when client_mark_message.message_id is not null
            then [{
                'source_id': client_mark_message.source_id,
                'frame': client_mark_message.frame,
                'line': client_mark_message.line,
                'note': 'location named by the client'
            }]
    end as client_mark,
    located.has_client_sdp,
    located.has_peer_sdp,
    located.client_pcmu,
    located.client_pcma,
    located.peer_pcmu,
    located.peer_pcma,
    located.client_codecs,
    located.peer_codecs,
    located.client_srtp,
    located.client_plain,
    located.peer_srtp,
    located.peer_plain,
    located.client_protos,
    located.peer_protos,
    case
        when client_sdp_message.message_id is not null
            then [{
                'source_id': client_sdp_message.source_id,
                'frame': client_sdp_message.frame,
                'line': client_sdp_message.line,
                'note': 'SDP of the client'
            }]
    end as client_sdp_seen,
    case
        when peer_sdp_message.message_id is not null
            then [{
                'source_id': peer_sdp_message.source_id,
                'frame': peer_sdp_message.frame,
                'line': peer_sdp_message.line,
                'note': 'SDP of the peer'
            }]
    end as peer_sdp_seen,
    located.wire_client_bypass_id,
    located.wire_peer_bypass_id,
    case
        when wire_bypass_message.message_id is not null
            then [{
                'source_id': wire_bypass_message.source_id,
                'frame': wire_bypass_message.frame,
                'line': wire_bypass_message.line,
                'note': 'x-bypassid'
            }]
    end as wire_bypass_seen,
    case
        when conference_message.message_id is not null
            then [{
                'source_id': conference_message.source_id,
                'frame': conference_message.frame,
                'line': conference_message.line,
                'note': 'conference'
            }]
    end as conference_seen,
    located.was_transferred,
    located.made_by_transfer,
    case
        when transfer_message.message_id is not null
            then [{
                'source_id': transfer_message.source_id, 'frame': transfer_message.frame, 'line': transfer_message.line, 'note': 'transfer'
            }]
    end as transfer_seen
from located
cross join snapshots
left join settings on located.snapshot_id = settings.snapshot_id
left join media_levels on located.snapshot_id = media_levels.snapshot_id
left join subnet_counts on located.snapshot_id = subnet_counts.snapshot_id
left join bypass_peer
    on
        located.snapshot_id = bypass_peer.snapshot_id
        and located.peer_ip = bypass_peer.peer_ip
        and located.mediation_ip is not distinct from bypass_peer.mediation_ip
left join address as client_address on located.client_address = client_address.ip
left join bypass_place as client_place on located.snapshot_id = client_place.snapshot_id and located.client_address = client_place.ip
left join bypass_place as peer_place
    on located.snapshot_id = peer_place.snapshot_id and coalesce(bypass_peer.location_ip, located.peer_ip) = peer_place.ip
left join seen as client_invite_message on located.client_invite_id = client_invite_message.message_id
left join seen as peer_invite_message on located.peer_invite_id = peer_invite_message.message_id
left join seen as client_mark_message on located.client_mark_id = client_mark_message.message_id
left join seen as client_sdp_message on located.client_sdp_id = client_sdp_message.message_id
left join seen as peer_sdp_message on located.peer_sdp_id = peer_sdp_message.message_id
left join seen as wire_bypass_message on located.wire_bypass_message_id = wire_bypass_message.message_id
left join seen as conference_message on located.conference_id = conference_message.message_id
left join seen as transfer_message on located.transfer_id = transfer_message.message_id;

comment on table bypass_input is 'One row per call: all that the criteria of the bypass decision look at.';
comment on column bypass_input.call_no is 'call.call_no.';
comment on column bypass_input.mode is 'server: Mediation Servers of Lync and Skype for Business.';
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
comment on column bypass_input.enabled_words is 'Enabled in words, telling a default.';
comment on column bypass_input.settings_evidence is 'Line of the settings in the configuration.';
comment on column bypass_input.encryption_level is
'EncryptionLevel, default applied; NULL where no media configuration was imported.';
comment on column bypass_input.encryption_words is 'EncryptionLevel in words, telling a default.';
comment on column bypass_input.encryption_evidence is 'Line of the media configuration.';
comment on column bypass_input.subnets is 'Network subnets in the configuration.';
comment on column bypass_input.gateway is 'Identity of the peer in the configuration; NULL where it is not there.';
comment on column bypass_input.representative_media_ip is 'bypass_peer.representative_media_ip.';
comment on column bypass_input.location_ip is 'Address of the peer that bypass is computed from.';
comment on column bypass_input.vendor is 'bypass_peer.vendor.';
comment on column bypass_input.gateway_max_early_dialogs is 'bypass_peer.gateway_max_early_dialogs.';
comment on column bypass_input.accepts_direct_media is 'bypass_peer.accepts_direct_media.';
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
comment on column bypass_input.client_address is 'Address by which the client is placed.';
comment on column bypass_input.client_address_kind is 'media address, signalling address or ms-subnet.';
comment on column bypass_input.client_media_role is 'host.role of the address in the client''s SDP.';
comment on column bypass_input.client_family is '4 or 6.';
comment on column bypass_input.client_is_private is
'Whether the address is private (RFC 1918, RFC 3927, RFC 4193) or link-local.';
comment on column bypass_input.client_subnet is 'Configured subnet that holds the client.';
comment on column bypass_input.client_words is 'The client''s place in words.';
comment on column bypass_input.client_problem is 'bypass_place.problem of the client.';
comment on column bypass_input.client_bypass_id is 'Bypass ID of the client, EnableDefaultBypassID applied.';
comment on column bypass_input.client_id_is_made is 'True where that ID was made from a name.';
comment on column bypass_input.client_place_evidence is 'Lines of the client''s subnet, site, region.';
comment on column bypass_input.peer_subnet is 'Configured subnet that holds the peer.';
comment on column bypass_input.peer_words is 'The peer''s place in words.';
comment on column bypass_input.peer_problem is 'bypass_place.problem of the peer.';
comment on column bypass_input.peer_bypass_id is 'Bypass ID of the peer, EnableDefaultBypassID applied.';
comment on column bypass_input.peer_id_is_made is 'True where that ID was made from a name.';
comment on column bypass_input.peer_place_evidence is 'Lines of the peer''s subnet, site, region.';
comment on column bypass_input.client_invite is 'Where the client leg''s INVITE was seen.';
comment on column bypass_input.peer_invite is 'Where the peer leg''s INVITE was seen.';
comment on column bypass_input.client_mark is 'Where the client''s location headers were seen.';
comment on column bypass_input.client_sdp_seen is 'Where the client''s SDP was first seen.';
comment on column bypass_input.peer_sdp_seen is 'Where the peer''s SDP was first seen.';
comment on column bypass_input.wire_bypass_seen is 'Where an x-bypassid was first seen.';
comment on column bypass_input.conference_seen is 'Where a conference shows; NULL: nowhere.';
comment on column bypass_input.transfer_seen is 'Where the transfer shows.';
comment on column bypass_input.has_client_leg is 'bypass_fact.has_client_leg.';
comment on column bypass_input.has_peer_leg is 'bypass_fact.has_peer_leg.';
comment on column bypass_input.client_agent is 'bypass_fact.client_agent.';
comment on column bypass_input.peer_agent is 'bypass_fact.peer_agent.';
comment on column bypass_input.ms_location is 'bypass_fact.ms_location.';
comment on column bypass_input.ms_subnet is 'bypass_fact.ms_subnet.';
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
comment on column bypass_input.wire_client_bypass_id is 'bypass_fact.wire_client_bypass_id.';
comment on column bypass_input.wire_peer_bypass_id is 'bypass_fact.wire_peer_bypass_id.';
comment on column bypass_input.was_transferred is 'bypass_fact.was_transferred.';
comment on column bypass_input.made_by_transfer is 'bypass_fact.made_by_transfer.';
