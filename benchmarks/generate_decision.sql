/* Calls written straight into the derived tables: $calls of them, two legs each, INVITE and 200 on either, SDP in all four, over 40 sites,
4,000 subnets, 20 gateways and 200,000 client addresses. Run by benchmarks/decision.py. */
create or replace temp table n as select range::bigint as i from range($calls);

insert into config_snapshot values (1, timestamp '2026-01-01', null, 'synthetic');
insert into bypass_settings by name select 1 as snapshot_id, 1 as source_id, true as Enabled, 1 as line;
insert into network_region by name
select 1 as snapshot_id, 1 as source_id, 'R' || range as NetworkRegionID, range as line from range(2);
insert into network_site by name
select
    1 as snapshot_id, 1 as source_id, 'S' || range as NetworkSiteID, 'R' || if(range % 10 = 9, 1, 0) as NetworkRegionID,
    if(range % 10 = 5, 'policy', null) as BWPolicyProfileID, range as line
from range(40);
insert into network_subnet by name
select
    1 as snapshot_id, 1 as source_id, concat('10.', range // 250, '.', range % 250, '.0') as SubnetID, 24 as MaskBits,
    'S' || range % 40 as NetworkSiteID, format('{:032x}', (281470681743360 + 167772160 + (range // 250) * 65536 + (range % 250) * 256)) as first_num,
    format('{:032x}', (281470681743360 + 167772160 + (range // 250) * 65536 + (range % 250) * 256 + 255)) as last_num, range as line
from range(4000);
insert into gateway by name
select
    1 as snapshot_id, 1 as source_id, 'gw' || range as Identity, [concat('10.1.', range, '.10')] as addresses,
    concat('10.1.', range, '.11') as RepresentativeMediaIP, '10.2.0.10' as MediationServer, range as line
from range(20);
insert into trunk by name
select
    1 as snapshot_id, 1 as source_id, 'Service:PstnGateway:gw' || range as Identity, range % 10 <> 3 as EnableBypass, 'Optional' as SRTPMode,
    range as line
from range(20);
insert into media_configuration by name select 1 as snapshot_id, 1 as source_id, 'Global' as Identity, 'SupportEncryption' as EncryptionLevel, 1 as line;
insert into mediation_server by name select 1 as snapshot_id, 1 as source_id, '10.2.0.10' as address, 1 as line;

create or replace temp table c as
select
    i,
    concat('10.', 3 + i % 12, '.', (i // 12) % 250, '.', 1 + (i // 3000) % 66) as client,
    concat('10.1.', i % 20, '.10') as gw,
    concat('10.1.', i % 20, '.11') as gw_media,
    i % 3 = 0 as inbound,
    timestamp '2026-02-01' + to_seconds(i) as ts
from n;

insert into call by name
select
    i::int as call_no, 2 * i as client_leg_id, 2 * i + 1 as peer_leg_id, if(inbound, 'inbound', 'outbound') as direction, ts as started_ts,
    ts as answered_ts, ts + interval 60 second as ended_ts, client as client_ip, client as client_media_ip, '10.2.0.10' as mediation_ip,
    gw as peer_ip, gw_media as peer_media_ip, 'answered' as outcome, 1 as early_dialogs, 2 as legs
from c;
insert into config_in_force by name select i::int as call_no, 1 as snapshot_id from c;
insert into leg by name
select
    2 * i + s as leg_id, i * 4 + 2 * s as invite_id, if(s = 0, 'client', 'peer') as side,
    if(s = 0, if(inbound, 'mediation', 'client'), if(inbound, 'peer', 'mediation')) as invited_by, 'tcp' as transport,
    if(s = 0, client, null) as client_ip, if(s = 1, gw, null) as peer_ip, '10.2.0.10' as mediation_ip, i || '-' || s as call_id,
    if(s = 0, if(inbound, 'RTCC/6.0.0.0 MediationServer', 'UCCAPI/16.0 OC/16.0 (Skype for Business)'), 'gateway') as caller_agent,
    if(s = 0, if(inbound, 'UCCAPI/16.0 OC/16.0 (Skype for Business)', 'RTCC/6.0.0.0 MediationServer'), 'gateway') as callee_agent,
    'answered' as outcome, 1 as early_dialogs
from c, (values (0), (1)) as sides (s);
insert into call_leg by name select i::int as call_no, 2 * i + s as leg_id, if(s = 0, 'client', 'peer') as side, s = 0 as is_first from n, (values (0), (1)) as sides (s);
insert into message by name
select
    1 as source_id, i * 4 + k as message_id, i * 4 + k as ordinal, i * 4 + k as frame, 'INVITE' as method, if(k % 2 = 0, null, 200) as status,
    i || '-' || k // 2 as call_id, if(k = 0, 'NetworkScope;ms-media-location-type=Intranet', null) as ms_location,
    'sip:+4930' || i || '@gw' || i % 20 as request_uri, [] as headers,
    if(k // 2 = 0, client, '10.2.0.10') as src_ip, if(k // 2 = 0, '10.2.0.10', gw) as dst_ip
from c, (values (0), (1), (2), (3)) as messages (k);
insert into leg_message by name
select
    i * 4 + k as message_id, 1 as source_id, 2 * i + k // 2 as leg_id, 'INVITE' as method, if(k % 2 = 0, null, 200) as status,
    k % 2 = 0 as sent_by_caller, true as is_first, false as is_duplicate, true as has_sdp, ts
from c, (values (0), (1), (2), (3)) as messages (k);
insert into counted_sdp by name
select
    i * 4 + k as message_id, if(k % 2 = 0, client, gw_media) as address, ['x-msrta/16000', 'PCMU/8000', 'PCMA/8000'] as codecs,
    'RTP/AVP' as proto, 50000 as port, 0 as m_index, 1 as audio_no
from c, (values (0), (1), (2), (3)) as messages (k);
insert into sdp_media by name
select 1 as source_id, message_id, 'audio' as media, address, codecs, proto, port, 0 as m_index from counted_sdp;
insert into media_path by name
select
    i::int as call_no, 'direct' as signalled, if(i % 10 = 0, 'mediated', 'direct') as observed, 'SDP' as signalled_reason, 'RTP' as observed_reason,
    100 as client_to_peer_packets, 100 as peer_to_client_packets, 0 as via_mediation_packets, [] as evidence
from c;
insert into address by name
select distinct client as ip, format('{:032x}', 281470681743360 + 167772160 + (3 + i % 12) * 65536 + ((i // 12) % 250) * 256 + 1 + (i // 3000) % 66) as ip_hex, 4 as family
from c;
insert into address by name
select concat('10.1.', range % 20, '.', 10 + range // 20) as ip,
format('{:032x}', 281470681743360 + 167772160 + 65536 + (range % 20) * 256 + 10 + range // 20) as ip_hex, 4 as family from range(40);
insert into host by name select ip, ip_hex, if(ip like '10.1.%', 'peer', 'client') as role from address;
