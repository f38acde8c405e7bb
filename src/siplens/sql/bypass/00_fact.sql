/*
One row per call: who took part and from where, and what the call's own messages say about the client, the peer's SDP, conferences
and transfers. No configuration in it: a what-if keeps it as it is.

Who sent a message follows from its leg (leg_message.sent_by_caller, leg.invited_by), not from addresses, which logs may
lack. The client's address is that of its media, for bypass is about media; where that is a server's or a relay's, or is not known, its
signalling address; then the network it names in ms-subnet.
*/
-- needs: call
create or replace table bypass_fact as
with

legs as (
    select
        call_leg.call_no,
        call_leg.side,
        leg.leg_id,
        leg.invite_id,
        leg.invited_by,
        leg.transport,
        leg.caller_agent,
        leg.callee_agent
    from call_leg inner join leg using (leg_id)
),

-- Which messages carry marks, without their texts: few of those count for a call.
mark as (
    select
        message_id,
        ms_location is not null as has_location,
        ms_subnet is not null as has_subnet,
        x_ms is not null as has_x_ms,
        allow is not null as has_allow,
        coalesce(method = 'INVITE' and status is null and replaces is not null, false) as is_replacement,
        false as is_conference
    from message
    where ms_location is not null or ms_subnet is not null or x_ms is not null or replaces is not null or allow is not null
    union all by name
    select
        message_id,
        false as has_location,
        false as has_subnet,
        false as has_x_ms,
        false as has_allow,
        false as is_replacement,
        true as is_conference
    from message
    where
        method = 'INVITE'
        and coalesce(status, 200) between 200 and 299
        and (
            contains(contact_uri, 'app:conf:')
            or contains(request_uri, 'app:conf:')
            or contains(from_uri, 'app:conf:')
            or contains(to_uri, 'app:conf:')
            or len([
                contact.value -- noqa: RF01
                for contact in [
                    header for header in headers if lower(header.name) in ('contact', 'm') -- noqa: RF01, RF02
                ]
                if contains(lower(contact.value), 'isfocus') -- noqa: RF01
            ]) > 0
        )
),

said as (
    select
        legs.call_no,
        legs.side,
        leg_message.message_id,
        leg_message.method,
        leg_message.status,
        case
            when leg_message.sent_by_caller or legs.invited_by = 'unknown' then legs.invited_by
            when legs.invited_by = 'mediation' then legs.side
            else 'mediation'
        end as sender
    from leg_message
    inner join legs using (leg_id)
    where
        leg_message.is_first
        and (
            leg_message.has_sdp
            or leg_message.method = 'REFER'
            or leg_message.message_id in (select mark.message_id from mark)
        )
),

encrypted as (
    select distinct message_id
    from sdp_media
    where media = 'audio' and len(crypto_suites) > 0
),

sdp as not materialized (
    select
        said.call_no,
        said.side,
        said.sender,
        said.message_id,
        counted_sdp.address,
        counted_sdp.bypass_id,
        encrypted.message_id is not null as has_crypto,
        upper(counted_sdp.proto) as proto,
        upper(array_to_string(counted_sdp.codecs, ' ')) as codecs
    from said
    inner join counted_sdp using (message_id)
    left join encrypted using (message_id)
    where counted_sdp.port > 0
),

party as (
    select
        sdp.call_no,
        case
            when sdp.sender = 'mediation' and sdp.side = 'peer' and sdp.address = call.client_media_ip then 'client'
            else sdp.sender
        end as party,
        bool_or(contains(sdp.codecs, 'PCMU')) as pcmu,
        bool_or(contains(sdp.codecs, 'PCMA')) as pcma,
        arg_min(sdp.codecs, sdp.message_id) as codecs,
        bool_or(contains(sdp.proto, 'SAVP') or sdp.has_crypto) as srtp,
        bool_or(not contains(sdp.proto, 'SAVP')) as plain,
        if(min(sdp.proto) = max(sdp.proto), min(sdp.proto), concat(min(sdp.proto), ', ', max(sdp.proto))) as protos,
        min(sdp.message_id) as message_id
    from sdp inner join call using (call_no)
    group by all
),

wire_id as (
    select
        call_no,
        arg_min(bypass_id, message_id) filter (where sender = 'client') as client_id,
        arg_min(bypass_id, message_id) filter (where sender = 'mediation') as peer_id,
        min(message_id) as message_id
    from sdp
    where side <> 'peer' and bypass_id is not null
    group by call_no
),

marked as (
    select
        said.call_no,
        min(said.message_id) filter (where said.sender = 'client' and mark.has_location) as ms_location_id,
        min(said.message_id) filter (where said.sender = 'client' and mark.has_subnet) as ms_subnet_id,
        min(said.message_id) filter (where said.sender = 'peer' and mark.has_allow) as allow_id,
        min(said.message_id) filter (where said.sender = 'mediation' and mark.has_x_ms) as x_ms_id,
        min(said.message_id) filter (where mark.is_conference) as conference_id,
        min(said.message_id) filter (where mark.is_replacement) as replacement_id
    from said inner join mark on said.message_id is not distinct from mark.message_id
    group by said.call_no
),

refer as (
    select
        call_no,
        min(message_id) filter (where status is null) as message_id
    from said
    where method = 'REFER'
    group by call_no
    having bool_or(status is null) and (not coalesce(bool_or(status >= 300), false) or bool_or(status between 200 and 299))
),

leg_fact as (
    select
        call_no,
        any_value(case when invited_by = 'client' then caller_agent else callee_agent end)
        filter (where side = 'client' and invited_by in ('client', 'mediation')) as client_agent,
        any_value(case when invited_by = 'peer' then caller_agent else callee_agent end)
        filter (where side = 'peer' and invited_by in ('peer', 'mediation')) as peer_agent,
        any_value(case when invited_by = 'peer' then callee_agent else caller_agent end)
        filter (where side = 'peer' and invited_by in ('peer', 'mediation')) as mediation_agent,
        any_value(lower(transport)) filter (where side = 'peer') as peer_transport,
        bool_or(side = 'client') as has_client_leg,
        bool_or(side = 'peer') as has_peer_leg
    from legs
    group by call_no
),

leg_proof as (
    select
        call_no,
        any_value(invite_id) filter (where side = 'client') as client_invite_id,
        any_value(invite_id) filter (where side = 'peer') as peer_invite_id
    from legs
    group by call_no
),

server as (
    select
        ip,
        role
    from host
    where role in ('mediation', 'peer', 'front_end', 'relay')
),

-- The address by which a Teams user comes out of its network: Microsoft passes the user's candidates on to the SBC.
outside as (
    select
        said.call_no,
        arg_min(ice_candidate.address, (said.message_id, -ice_candidate.priority)) as ip,
        min(said.message_id) as message_id
    from said
    inner join leg_fact on said.call_no = leg_fact.call_no and contains(lower(leg_fact.mediation_agent), 'pstnhub')
    inner join ice_candidate on said.message_id = ice_candidate.message_id
    anti join server on ice_candidate.address = server.ip
    where said.side = 'peer' and said.sender = 'mediation' and ice_candidate.type = 'srflx' and ice_candidate.component = 1
    group by said.call_no
),

-- Where each fact was said, in numbers alone: the texts join them below, once.
proof as (
    select
        call.call_no,
        leg_proof.client_invite_id,
        leg_proof.peer_invite_id,
        marked.ms_location_id,
        marked.ms_subnet_id,
        least(marked.ms_location_id, marked.ms_subnet_id) as location_id,
        marked.allow_id,
        marked.x_ms_id,
        outside.message_id as outside_id,
        marked.conference_id,
        marked.replacement_id,
        coalesce(marked.replacement_id, refer.message_id) as transfer_id
    from call
    left join leg_proof on call.call_no = leg_proof.call_no
    left join marked on call.call_no = marked.call_no
    left join refer on call.call_no = refer.call_no
    left join outside on call.call_no = outside.call_no
),

location as (
    select
        message_id,
        ms_location
    from message
    where message_id in (select proof.ms_location_id from proof)
),

subnet as (
    select
        message_id,
        ms_subnet
    from message
    where message_id in (select proof.ms_subnet_id from proof)
),

allowed as (
    select
        message_id,
        allow
    from message
    where message_id in (select proof.allow_id from proof)
),

direct_routing as (
    select
        message_id,
        x_ms
    from message
    where message_id in (select proof.x_ms_id from proof)
),

gathered as (
    select
        call.*,
        leg_fact.* exclude (call_no, client_agent), -- noqa: RF02
        proof.conference_id,
        proof.replacement_id,
        proof.transfer_id,
        location.ms_location,
        subnet.ms_subnet,
        direct_routing.x_ms,
        coalesce(leg_fact.client_agent, client_host.agent) as client_agent,
        media_server.role as client_media_role,
        -- What the peer of Direct Routing allows: REFER is asked of it.
        if(contains(lower(leg_fact.mediation_agent), 'pstnhub'), allowed.allow, null) as peer_allow,
        outside.ip as outside_ip,
        case
            when call.client_media_ip is not null and media_server.ip is null
                then { 'kind': 'media address', 'ip': call.client_media_ip }
            when call.client_ip is not null and signalling_server.ip is null
                then { 'kind': 'signalling address', 'ip': call.client_ip }
            when subnet.ms_subnet is not null then { 'kind': 'ms-subnet', 'ip': subnet.ms_subnet }
        end as client_at
    from call
    left join proof on call.call_no = proof.call_no
    left join leg_fact on call.call_no = leg_fact.call_no
    left join location on proof.ms_location_id = location.message_id
    left join subnet on proof.ms_subnet_id = subnet.message_id
    left join allowed on proof.allow_id = allowed.message_id
    left join direct_routing on proof.x_ms_id = direct_routing.message_id
    left join outside on call.call_no = outside.call_no
    left join host as client_host on call.client_ip = client_host.ip and client_host.role = 'client'
    left join server as media_server on call.client_media_ip = media_server.ip
    left join server as signalling_server on call.client_ip = signalling_server.ip
),

-- A note is a number until the end, a number of this list: a million texts would take much memory.
noted as (
    select [
        'INVITE of the client''s leg',
        'INVITE of the peer''s leg',
        'SDP of the client',
        'SDP of the peer',
        'X-MS headers',
        'conference',
        'location named by the client',
        'outside address of the user',
        'transfer',
        'x-bypassid'
    ] as notes
),

cited as (
    select
        call_no,
        unnest([ -- noqa: AL03
            { 'note': 1::tinyint, 'message_id': client_invite_id },
            { 'note': 2, 'message_id': peer_invite_id },
            { 'note': 5, 'message_id': x_ms_id },
            { 'note': 6, 'message_id': conference_id },
            { 'note': 7, 'message_id': location_id },
            { 'note': 8, 'message_id': outside_id },
            { 'note': 9, 'message_id': transfer_id }
        ], recursive := true)
    from proof
    union all
    select
        call_no,
        if(party = 'client', 3, 4)::tinyint as note,
        message_id
    from party
    where party in ('client', 'peer')
    union all
    select
        call_no,
        10::tinyint as note,
        message_id
    from wire_id
),

-- In the order of the messages, and of the notes of one message.
listed as (
    select
        cited.call_no,
        list_sort(list({
            'message_id': message.message_id,
            'note': cited.note,
            'source_id': message.source_id,
            'frame': message.frame,
            'line': message.line
        })) as places
    from cited inner join message on cited.message_id is not distinct from message.message_id
    group by cited.call_no
),

place as (
    select
        listed.call_no,
        list_transform(
            listed.places,
            lambda one: {
                'source_id': one.source_id, 'frame': one.frame, 'line': one.line, 'note': noted.notes[one.note] -- noqa: RF01, RF02
            }
        ) as places
    from listed cross join noted
)

select
    gathered.call_no,
    if(contains(lower(gathered.mediation_agent), 'pstnhub'), 'teams', 'server') as mode,
    gathered.direction,
    gathered.mediation_ip,
    gathered.peer_ip,
    gathered.client_media_ip,
    gathered.peer_media_ip,
    gathered.early_dialogs,
    gathered.client_at.ip as client_address,
    gathered.client_at.kind as client_address_kind,
    address.family as client_family,
    case address.family
        when 4 then regexp_matches(address.ip, '^(10\.|127\.|192\.168\.|172\.(1[6-9]|2[0-9]|3[01])\.|169\.254\.)')
        when 6 then left(address.ip_hex, 2) in ('fc', 'fd') or left(address.ip_hex, 3) in ('fe8', 'fe9', 'fea', 'feb') or address.ip = '::1'
    end as client_is_private,
    coalesce(
        gathered.outside_ip,
        case
            when not contains(lower(gathered.mediation_agent), 'pstnhub') or gathered.client_at.kind <> 'media address' then null
            when not client_is_private then address.ip -- noqa: RF02, RF03
        end
    ) as client_outside_ip,
    gathered.client_media_role,
    coalesce(gathered.has_client_leg, false) as has_client_leg,
    coalesce(gathered.has_peer_leg, false) as has_peer_leg,
    gathered.client_agent,
    try_cast(regexp_extract(gathered.client_agent, '(?i)(?:UCCAPI|\bOC|OCPhone|CPE)/(\d+)', 1) as integer) as client_major,
    regexp_matches(gathered.client_agent, '(?i)OCPhone|\bCPE/') as client_is_phone,
    gathered.peer_agent,
    gathered.peer_transport,
    gathered.peer_allow,
    gathered.ms_location,
    gathered.ms_subnet,
    nullif(regexp_extract(gathered.x_ms, '(?im)^x-ms-userlocation:\s*([^\s]+)', 1), '') as teams_user_location,
    nullif(regexp_extract(gathered.x_ms, '(?im)^x-ms-mediapath:\s*(.*?)\s*$', 1), '') as teams_media_path,
    nullif(regexp_extract(gathered.x_ms, '(?im)^x-ms-usersite:\s*(.*?)\s*$', 1), '') as teams_user_site,
    client_sdp.call_no is not null as has_client_sdp,
    peer_sdp.call_no is not null as has_peer_sdp,
    coalesce(client_sdp.pcmu, false) as client_pcmu,
    coalesce(client_sdp.pcma, false) as client_pcma,
    coalesce(peer_sdp.pcmu, false) as peer_pcmu,
    coalesce(peer_sdp.pcma, false) as peer_pcma,
    regexp_extract(client_sdp.codecs, '^[^ ]*( [^ ]*){0,7}') as client_codecs,
    regexp_extract(peer_sdp.codecs, '^[^ ]*( [^ ]*){0,7}') as peer_codecs,
    coalesce(client_sdp.srtp, false) as client_srtp,
    coalesce(client_sdp.plain, false) as client_plain,
    coalesce(peer_sdp.srtp, false) as peer_srtp,
    coalesce(peer_sdp.plain, false) as peer_plain,
    client_sdp.protos as client_protos,
    peer_sdp.protos as peer_protos,
    wire_id.client_id as wire_client_bypass_id,
    wire_id.peer_id as wire_peer_bypass_id,
    gathered.conference_id,
    gathered.conference_id is not null as is_conference,
    gathered.transfer_id is not null as was_transferred,
    gathered.replacement_id is not null as made_by_transfer,
    gathered.transfer_id,
    place.places
from gathered
left join address on gathered.client_at.ip = address.ip
left join party as client_sdp on gathered.call_no = client_sdp.call_no and client_sdp.party = 'client'
left join party as peer_sdp on gathered.call_no = peer_sdp.call_no and peer_sdp.party = 'peer'
left join wire_id on gathered.call_no = wire_id.call_no
left join place on gathered.call_no = place.call_no;

comment on table bypass_fact is
'One row per call: what its messages say about client, codecs, encryption, bypass IDs, conference and transfer.';
comment on column bypass_fact.call_no is 'call.call_no.';
comment on column bypass_fact.mode is 'server: Mediation Servers of Lync and Skype for Business; teams: Direct Routing.';
comment on column bypass_fact.direction is 'call.direction.';
comment on column bypass_fact.mediation_ip is 'call.mediation_ip.';
comment on column bypass_fact.peer_ip is 'call.peer_ip.';
comment on column bypass_fact.client_media_ip is 'call.client_media_ip.';
comment on column bypass_fact.peer_media_ip is 'call.peer_media_ip.';
comment on column bypass_fact.early_dialogs is 'call.early_dialogs.';
comment on column bypass_fact.client_address is 'Address by which the client is placed.';
comment on column bypass_fact.client_address_kind is 'media address, signalling address or ms-subnet.';
comment on column bypass_fact.client_family is '4 or 6.';
comment on column bypass_fact.client_is_private is
'Whether the address is private (RFC 1918, RFC 3927, RFC 4193), link-local or loopback.';
comment on column bypass_fact.client_outside_ip is
'Teams: address by which the user comes out of its network: its server-reflexive candidate, else its public media address.';
comment on column bypass_fact.client_media_role is 'host.role of the address in the client''s SDP, where it is a server''s or a relay''s.';
comment on column bypass_fact.has_client_leg is 'Whether the leg between client and Mediation Server was seen.';
comment on column bypass_fact.has_peer_leg is 'Whether the leg between Mediation Server and peer was seen.';
comment on column bypass_fact.client_agent is 'User-Agent of the client; NULL where not seen.';
comment on column bypass_fact.client_major is 'Major version that the User-Agent names: 4 Lync 2010, 15 Lync 2013, 16 Skype for Business.';
comment on column bypass_fact.client_is_phone is 'Whether it is a Lync phone.';
comment on column bypass_fact.peer_agent is 'User-Agent or Server of the peer; NULL where not seen.';
comment on column bypass_fact.peer_transport is 'Transport of the leg to the peer as seen: udp, tcp, tls.';
comment on column bypass_fact.peer_allow is 'Allow of the peer.';
comment on column bypass_fact.ms_location is 'ms-endpoint-location-data of the client.';
comment on column bypass_fact.ms_subnet is 'ms-subnet of the client: network address without mask.';
comment on column bypass_fact.teams_user_location is 'X-MS-UserLocation: internal or external; Teams Direct Routing.';
comment on column bypass_fact.teams_media_path is 'X-MS-MediaPath: SBCs on the way, the target last.';
comment on column bypass_fact.teams_user_site is 'X-MS-UserSite: the user''s network site.';
comment on column bypass_fact.has_client_sdp is
'Whether audio SDP of the client was seen, by itself or relayed to the peer with the client''s address.';
comment on column bypass_fact.has_peer_sdp is 'Whether audio SDP of the peer was seen.';
comment on column bypass_fact.client_pcmu is 'Whether the client''s SDP has G.711 u-law.';
comment on column bypass_fact.client_pcma is 'Whether the client''s SDP has G.711 A-law.';
comment on column bypass_fact.peer_pcmu is 'Whether the peer''s SDP has G.711 u-law.';
comment on column bypass_fact.peer_pcma is 'Whether the peer''s SDP has G.711 A-law.';
comment on column bypass_fact.client_codecs is 'First codecs of the client''s SDP.';
comment on column bypass_fact.peer_codecs is 'First codecs of the peer''s SDP.';
comment on column bypass_fact.client_srtp is 'Whether the client''s SDP has a secure profile or a=crypto.';
comment on column bypass_fact.client_plain is 'Whether the client''s SDP has a profile without encryption.';
comment on column bypass_fact.peer_srtp is 'Whether the peer''s SDP has a secure profile or a=crypto.';
comment on column bypass_fact.peer_plain is 'Whether the peer''s SDP has a profile without encryption.';
comment on column bypass_fact.client_protos is 'Profiles of the client''s SDP.';
comment on column bypass_fact.peer_protos is 'Profiles of the peer''s SDP.';
comment on column bypass_fact.wire_client_bypass_id is 'x-bypassid that the client sent.';
comment on column bypass_fact.wire_peer_bypass_id is 'x-bypassid that the Mediation Server sent to the client, the peer''s.';
comment on column bypass_fact.is_conference is 'Whether something shows a conference.';
comment on column bypass_fact.was_transferred is 'Whether a REFER that was not refused, or an INVITE with Replaces, was seen.';
comment on column bypass_fact.made_by_transfer is 'Whether an INVITE of the call carries Replaces: the call is what a transfer made.';
comment on column bypass_fact.places is 'Where the messages behind these were seen, with what each is.';
comment on column bypass_fact.conference_id is 'message_id that shows a conference; NULL: none does.';
comment on column bypass_fact.transfer_id is 'message_id that shows the transfer.';
