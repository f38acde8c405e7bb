/* One row per call: the legs on both sides of a B2BUA, or a lone leg. */
-- needs: call_leg
create or replace table call as
with

member as (
    select
        call_leg.call_no,
        call_leg.is_first,
        leg.*
    from call_leg
    inner join leg using (leg_id)
),

chosen_leg as (
    select
        call_no,
        arg_min(leg_id, started_ts) filter (where is_first) as first_leg_id,
        arg_min(leg_id, started_ts) filter (where side = 'client') as client_leg_id,
        arg_min(leg_id, started_ts) filter (where side = 'peer') as peer_leg_id,
        arg_min(leg_id, started_ts) filter (where side = 'unknown') as other_leg_id,
        min(started_ts) as started_ts,
        max(answered_ts) as answered_ts,
        max(ended_ts) as ended_ts,
        -- One leg's BYE ends the call, even where the other leg's was not captured.
        bool_or(outcome = 'answered') and not bool_or(outcome = 'answered' and ended_ts is not null) as is_open,
        max(early_dialogs) as early_dialogs,
        count(*) as legs
    from member
    group by call_no
),

observed as (
    select
        call_leg.call_no,
        count(*) filter (where not leg_message.is_duplicate) as messages,
        list_sort(list(distinct leg_message.source_id)) as sources
    from leg_message
    inner join call_leg using (leg_id)
    group by call_leg.call_no
),

-- Whose address is whose: an end's own SDP on its own leg, else what the Mediation Server passed on to the other leg.
client_side as (
    select
        leg.leg_id,
        leg.invited_by,
        leg.client_ip,
        leg.mediation_ip,
        if(leg.invited_by = 'mediation', leg_media.callee_ip, leg_media.caller_ip) as client_media_ip,
        if(leg.invited_by = 'mediation', leg_media.caller_ip, leg_media.callee_ip) as passed_on_ip
    from leg
    left join leg_media using (leg_id)
    where leg.side = 'client'
),

peer_side as (
    select
        leg.leg_id,
        leg.invited_by,
        leg.peer_ip,
        leg.mediation_ip,
        leg.early_dialogs,
        if(leg.invited_by = 'peer', leg_media.caller_ip, leg_media.callee_ip) as peer_media_ip,
        if(leg.invited_by = 'peer', leg_media.callee_ip, leg_media.caller_ip) as passed_on_ip
    from leg
    left join leg_media using (leg_id)
    where leg.side = 'peer'
),

-- An endpoint's address that the Mediation Server named to the peer before, and that was refused or given up again.
named as (
    select
        offer_answer.leg_id,
        offer_answer.oa_id,
        if((leg.invited_by = 'mediation') = (offer_answer.offered_by = 'caller'), offer_answer.offer_ip, offer_answer.answer_ip) as ip
    from offer_answer
    inner join leg using (leg_id)
    where leg.side = 'peer'
),

named_endpoint as (
    select
        named.leg_id,
        arg_max(named.ip, named.oa_id) as ip
    from named
    inner join host on named.ip = host.ip and host.role = 'client'
    group by named.leg_id
)

select
    chosen_leg.call_no,
    first_leg.fingerprint,
    chosen_leg.client_leg_id,
    chosen_leg.peer_leg_id,
    chosen_leg.other_leg_id,
    case
        when peer_side.invited_by = 'peer' or client_side.invited_by = 'mediation' then 'inbound'
        when peer_side.invited_by = 'mediation' or client_side.invited_by = 'client' then 'outbound'
        else 'unknown'
    end as direction,
    chosen_leg.started_ts,
    coalesce(first_leg.answered_ts, chosen_leg.answered_ts) as answered_ts,
    if(chosen_leg.is_open, null, chosen_leg.ended_ts) as ended_ts,
    if(chosen_leg.is_open, null, epoch_ms(chosen_leg.ended_ts) - epoch_ms(coalesce(first_leg.answered_ts, chosen_leg.answered_ts))) / 1000.0
        as duration_s,
    first_leg.caller_user as caller,
    first_leg.callee_user as called,
    client_side.client_ip,
    coalesce(client_side.client_media_ip, if(passed_to_peer.role = 'client', peer_side.passed_on_ip, null), named_endpoint.ip)
        as client_media_ip,
    coalesce(peer_side.mediation_ip, client_side.mediation_ip) as mediation_ip,
    peer_side.peer_ip,
    coalesce(peer_side.peer_media_ip, if(passed_to_client.role = 'peer', client_side.passed_on_ip, null)) as peer_media_ip,
    first_leg.outcome,
    first_leg.final_status,
    first_leg.final_reason,
    coalesce(peer_side.early_dialogs, chosen_leg.early_dialogs) as early_dialogs,
    chosen_leg.legs,
    observed.messages,
    observed.sources
from chosen_leg
-- Not =: see transaction.
inner join leg as first_leg on chosen_leg.first_leg_id is not distinct from first_leg.leg_id
inner join observed on chosen_leg.call_no is not distinct from observed.call_no
left join client_side on chosen_leg.client_leg_id = client_side.leg_id
left join peer_side on chosen_leg.peer_leg_id = peer_side.leg_id
left join named_endpoint on chosen_leg.peer_leg_id = named_endpoint.leg_id
left join host as passed_to_peer on peer_side.passed_on_ip = passed_to_peer.ip
left join host as passed_to_client on client_side.passed_on_ip = passed_to_client.ip;

comment on table call is 'One row per call: the legs on both sides of a B2BUA, or a lone leg.';
comment on column call.call_no is 'Number of the call: what a person types. It stays when more is ingested.';
comment on column call.fingerprint is 'leg.fingerprint of the leg that began the call.';
comment on column call.client_leg_id is 'leg.leg_id between client and Mediation Server, or NULL.';
comment on column call.peer_leg_id is 'leg.leg_id between Mediation Server and gateway, or NULL.';
comment on column call.other_leg_id is 'leg.leg_id of the first leg whose side is not known, or NULL.';
comment on column call.direction is 'outbound: client to PSTN; inbound: PSTN to client; else unknown.';
comment on column call.started_ts is 'First message of the call, on the reference clock (UTC).';
comment on column call.answered_ts is 'First 2xx that the caller got.';
comment on column call.ended_ts is 'When the last leg ended; NULL while none of those answered has.';
comment on column call.duration_s is 'From answer to end, in seconds.';
comment on column call.caller is 'User part of From, on the leg that began the call.';
comment on column call.called is 'User part of To, on the leg that began the call.';
comment on column call.client_ip is 'Signalling address of the client.';
comment on column call.client_media_ip is 'Audio address of the client: from its SDP, or passed on by the Mediation Server.';
comment on column call.mediation_ip is 'Address of the Mediation Server, towards the gateway where that leg was seen.';
comment on column call.peer_ip is 'Signalling address of the gateway.';
comment on column call.peer_media_ip is 'Audio address of the gateway: from its SDP, or passed on by the Mediation Server.';
comment on column call.outcome is 'leg.outcome of the leg that began the call.';
comment on column call.final_status is 'Its final status.';
comment on column call.final_reason is 'Its reason phrase.';
comment on column call.early_dialogs is 'Early dialogs of the leg to the gateway where there is one, else the most of any leg.';
comment on column call.legs is 'Legs joined into the call.';
comment on column call.messages is 'SIP messages seen, retransmissions too, duplicates not.';
comment on column call.sources is 'source.source_id of every file that saw its signalling.';
