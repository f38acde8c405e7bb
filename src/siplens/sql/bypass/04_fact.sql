/*
One row per call: what its own messages say about the client, the peer's SDP, conferences and transfers. No
configuration in it.

Who sent a message follows from its leg (leg_message.sent_by_caller, leg.invited_by), not from addresses, which logs may
lack.
*/
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

said as (
    select
        legs.call_no,
        legs.side,
        leg_message.message_id,
        leg_message.method,
        leg_message.status,
        leg_message.has_sdp,
        case
            when leg_message.sent_by_caller or legs.invited_by = 'unknown' then legs.invited_by
            when legs.invited_by = 'mediation' then legs.side
            else 'mediation'
        end as sender
    from leg_message inner join legs using (leg_id)
    where leg_message.is_first
),

encrypted as (
    select distinct message_id
    from sdp_media
    where media = 'audio' and len(crypto_suites) > 0
),

sdp as (
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

parties as (
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

wire_ids as (
    select
        call_no,
        arg_min(bypass_id, message_id) filter (where sender = 'client') as client_id,
        arg_min(bypass_id, message_id) filter (where sender = 'mediation') as peer_id,
        min(message_id) as message_id
    from sdp
    where side <> 'peer' and bypass_id is not null
    group by call_no
),

client_marks as (
    select
        said.call_no,
        arg_min(message.ms_location, said.message_id) as ms_location,
        arg_min(message.ms_subnet, said.message_id) as ms_subnet,
        min(said.message_id) as message_id
    from said inner join message using (message_id)
    where said.sender = 'client' and (message.ms_location is not null or message.ms_subnet is not null)
    group by said.call_no
),

conferences as (
    select
        said.call_no,
        min(said.message_id) as message_id
    from said inner join message using (message_id)
    where
        message.method = 'INVITE'
        and coalesce(message.status, 200) between 200 and 299
        and (
            contains(message.contact_uri, 'app:conf:')
            or contains(message.request_uri, 'app:conf:')
            or contains(message.from_uri, 'app:conf:')
            or contains(message.to_uri, 'app:conf:')
            or len([
                header.name for header in message.headers -- noqa: RF01
                if lower(header.name) in ('contact', 'm') and contains(lower(header.value), 'isfocus') -- noqa: RF01
            ]) > 0
        )
    group by said.call_no
),

refers as (
    select
        call_no,
        min(message_id) filter (where status is null) as message_id
    from said
    where method = 'REFER'
    group by call_no
    having bool_or(status is null) and (not coalesce(bool_or(status >= 300), false) or bool_or(status between 200 and 299))
),

replacements as (
    select
        said.call_no,
        min(said.message_id) as message_id
    from said inner join message using (message_id)
    where message.method = 'INVITE' and message.status is null and message.replaces is not null
    group by said.call_no
),

leg_facts as (
    select
        call_no,
        any_value(case when invited_by = 'client' then caller_agent else callee_agent end)
        filter (where side = 'client' and invited_by in ('client', 'mediation')) as client_agent,
        any_value(case when invited_by = 'peer' then caller_agent else callee_agent end)
        filter (where side = 'peer' and invited_by in ('peer', 'mediation')) as peer_agent,
        any_value(lower(transport)) filter (where side = 'peer') as peer_transport,
        bool_or(side = 'client') as has_client_leg,
        bool_or(side = 'peer') as has_peer_leg,
        any_value(invite_id) filter (where side = 'client') as client_invite_id,
        any_value(invite_id) filter (where side = 'peer') as peer_invite_id
    from legs
    group by call_no
)

select
    call.call_no,
    coalesce(leg_facts.has_client_leg, false) as has_client_leg,
    coalesce(leg_facts.has_peer_leg, false) as has_peer_leg,
    coalesce(leg_facts.client_agent, client_host.agent) as client_agent,
    leg_facts.peer_agent,
    leg_facts.peer_transport,
    leg_facts.client_invite_id,
    leg_facts.peer_invite_id,
    client_marks.ms_location,
    client_marks.ms_subnet,
    client_marks.message_id as client_mark_id,
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
    client_sdp.message_id as client_sdp_id,
    peer_sdp.message_id as peer_sdp_id,
    wire_ids.client_id as wire_client_bypass_id,
    wire_ids.peer_id as wire_peer_bypass_id,
    wire_ids.message_id as wire_bypass_message_id,
    conferences.message_id as conference_id,
    refers.call_no is not null or replacements.call_no is not null as was_transferred,
    replacements.call_no is not null as made_by_transfer,
    coalesce(replacements.message_id, refers.message_id) as transfer_id
from call
left join leg_facts using (call_no)
left join host as client_host on call.client_ip = client_host.ip and client_host.role = 'client'
left join client_marks using (call_no)
left join parties as client_sdp on call.call_no = client_sdp.call_no and client_sdp.party = 'client'
left join parties as peer_sdp on call.call_no = peer_sdp.call_no and peer_sdp.party = 'peer'
left join wire_ids on call.call_no = wire_ids.call_no
left join conferences on call.call_no = conferences.call_no
left join refers on call.call_no = refers.call_no
left join replacements on call.call_no = replacements.call_no;

comment on table bypass_fact is
'One row per call: what its messages say about client, codecs, encryption, bypass IDs, conference and transfer.';
comment on column bypass_fact.call_no is 'call.call_no.';
comment on column bypass_fact.has_client_leg is 'Whether the leg between client and Mediation Server was seen.';
comment on column bypass_fact.has_peer_leg is 'Whether the leg between Mediation Server and peer was seen.';
comment on column bypass_fact.client_agent is 'User-Agent of the client; NULL where not seen.';
comment on column bypass_fact.peer_agent is 'User-Agent or Server of the peer; NULL where not seen.';
comment on column bypass_fact.peer_transport is 'Transport of the leg to the peer as seen: udp, tcp, tls.';
comment on column bypass_fact.client_invite_id is 'message_id of the client leg''s INVITE.';
comment on column bypass_fact.peer_invite_id is 'message_id of the peer leg''s INVITE.';
comment on column bypass_fact.ms_location is 'ms-endpoint-location-data of the client.';
comment on column bypass_fact.ms_subnet is 'ms-subnet of the client: network address without mask.';
comment on column bypass_fact.client_mark_id is 'message_id of the client''s location headers.';
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
comment on column bypass_fact.client_sdp_id is 'message_id of the client''s first SDP.';
comment on column bypass_fact.peer_sdp_id is 'message_id of the peer''s first SDP.';
comment on column bypass_fact.wire_client_bypass_id is 'x-bypassid that the client sent.';
comment on column bypass_fact.wire_peer_bypass_id is 'x-bypassid that the Mediation Server sent to the client, the peer''s.';
comment on column bypass_fact.wire_bypass_message_id is 'message_id of the first x-bypassid.';
comment on column bypass_fact.conference_id is 'message_id that shows a conference; NULL: none does.';
comment on column bypass_fact.was_transferred is 'Whether a REFER that was not refused, or an INVITE with Replaces, was seen.';
comment on column bypass_fact.made_by_transfer is
'Whether an INVITE of the call carries Replaces: the call is what a transfer made.';
comment on column bypass_fact.transfer_id is 'message_id that shows the transfer.';
