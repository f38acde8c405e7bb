/* One row per call: the way its media was to go by SDP, the way it was seen to go, and whether the capture could have shown it. */
-- needs: call
create or replace table media_path as
with

-- What the Mediation Server told each side to send to. Only accepted offers count.
told_peer as (
    select
        leg.leg_id,
        if(leg.invited_by = 'peer', leg_media.callee_ip, leg_media.caller_ip) as told_ip,
        if(leg.invited_by = 'peer', leg_media.caller_may_send, leg_media.callee_may_send) as peer_may_send,
        if(leg.invited_by = 'peer', leg_media.callee_may_send, leg_media.caller_may_send) as peer_may_receive,
        leg_media.offer_id,
        leg_media.answer_id
    from leg
    inner join leg_media using (leg_id)
    where leg.side = 'peer' and leg_media.is_accepted
),

told_client as (
    select
        leg.leg_id,
        if(leg.invited_by = 'mediation', leg_media.caller_ip, leg_media.callee_ip) as told_ip,
        leg_media.offer_id,
        leg_media.answer_id
    from leg
    inner join leg_media using (leg_id)
    where leg.side = 'client' and leg_media.is_accepted
),

told as (
    select
        call.*,
        told_peer.told_ip as peer_told_ip,
        peer_told_host.role as peer_told_role,
        coalesce(told_peer.peer_may_send, true) as peer_may_send,
        coalesce(told_peer.peer_may_receive, true) as peer_may_receive,
        told_client.told_ip as client_told_ip,
        client_told_host.role as client_told_role,
        coalesce(told_peer.offer_id, told_client.offer_id) as offer_id,
        coalesce(told_peer.answer_id, told_client.answer_id) as answer_id,
        case peer_told_role when 'client' then 'direct' when 'mediation' then 'mediated' when 'relay' then 'relay' end as by_peer_leg,
        case client_told_role when 'peer' then 'direct' when 'mediation' then 'mediated' when 'relay' then 'relay' end as by_client_leg
    from call
    left join told_peer on call.peer_leg_id = told_peer.leg_id
    left join told_client on call.client_leg_id = told_client.leg_id
    left join host as peer_told_host on told_peer.told_ip = peer_told_host.ip
    left join host as client_told_host on told_client.told_ip = client_told_host.ip
),

signalled as (
    select
        *,
        case
            when by_peer_leg = 'mediated' or by_client_leg = 'mediated' then 'mediated'
            when by_peer_leg <> by_client_leg then 'unknown'
            else coalesce(by_peer_leg, by_client_leg, 'unknown')
        end as signalled
    from told
),

-- Of a forked call, what was sent to an endpoint that did not answer is no media of the one that did.
answering as (
    select distinct
        call_leg.call_no,
        leg_media.callee_ip as ip,
        leg_media.callee_port as port
    from leg_media
    inner join call_leg using (leg_id)
    where leg_media.is_accepted
),

not_answering as (
    select distinct
        call_leg.call_no,
        dialog.media_ip as ip,
        dialog.media_port as port
    from dialog
    inner join leg using (leg_id)
    inner join call_leg using (leg_id)
    anti join answering
        on call_leg.call_no = answering.call_no and dialog.media_ip = answering.ip and dialog.media_port = answering.port
    where leg.early_dialogs >= 2 and leg.answered_dialog_id is not null and dialog.confirmed_id is null and dialog.media_port > 0
),

-- Two capture points may have seen one stream: it is one stream. So may two interfaces of one capture, packet by packet.
stream as (
    select
        call_flow.call_no,
        call_flow.from_role,
        call_flow.to_role,
        media_flow.src_ip,
        media_flow.src_port,
        media_flow.dst_ip,
        media_flow.dst_port,
        media_flow.ssrc,
        max(media_flow.packets - coalesce(media_flow.duplicated, 0)) as packets,
        arg_max(media_flow.flow_id, (media_flow.packets, -media_flow.flow_id)) as flow_id
    from call_flow
    inner join media_flow using (flow_id)
    anti join not_answering
        on
            call_flow.call_no = not_answering.call_no
            and media_flow.dst_ip = not_answering.ip and media_flow.dst_port = not_answering.port
    group by all
),

counted as (
    select
        call_no,
        sum(packets) as packets,
        coalesce(sum(packets) filter (where from_role = 'client' and to_role = 'peer'), 0) as client_to_peer_packets,
        coalesce(sum(packets) filter (where from_role = 'peer' and to_role = 'client'), 0) as peer_to_client_packets,
        coalesce(sum(packets) filter (where 'mediation' in (from_role, to_role)), 0) as via_mediation_packets,
        coalesce(sum(packets) filter (where 'relay' in (from_role, to_role)), 0) as via_relay_packets,
        arg_max(flow_id, (packets, -flow_id)) filter (where from_role = 'client' and to_role = 'peer') as client_to_peer_flow,
        arg_max(flow_id, (packets, -flow_id)) filter (where from_role = 'peer' and to_role = 'client') as peer_to_client_flow,
        arg_max(flow_id, (packets, -flow_id)) filter (where 'mediation' in (from_role, to_role)) as via_mediation_flow
    from stream
    group by call_no
),

capture as (
    select
        call_no,
        max(last_ts) as until_ts
    from call_capture
    group by call_no
),

shown_way as (
    select
        call_no,
        is_direct,
        bool_or(from_peer) as from_peer,
        bool_or(not from_peer) as to_peer
    from media_shown
    group by call_no, is_direct
),

gathered as (
    select
        signalled.*,
        coalesce(counted.packets, 0) as packets,
        coalesce(counted.client_to_peer_packets, 0) as client_to_peer_packets,
        coalesce(counted.peer_to_client_packets, 0) as peer_to_client_packets,
        coalesce(counted.via_mediation_packets, 0) as via_mediation_packets,
        coalesce(counted.via_relay_packets, 0) as via_relay_packets,
        counted.client_to_peer_flow,
        counted.peer_to_client_flow,
        counted.via_mediation_flow,
        capture.call_no is not null as has_capture,
        -- Nothing can be asked of a call that was not answered, or whose capture ended within two seconds of it.
        signalled.answered_ts is not null
        and coalesce(least(signalled.ended_ts, capture.until_ts) >= signalled.answered_ts + interval 2 seconds, false) as lasted,
        coalesce(shown_way.from_peer, false) as from_peer_shown,
        coalesce(shown_way.to_peer, false) as to_peer_shown
    from signalled
    left join counted on signalled.call_no = counted.call_no
    left join capture on signalled.call_no = capture.call_no
    left join shown_way
        on
            signalled.call_no = shown_way.call_no
            and ((signalled.signalled = 'direct' and shown_way.is_direct) or (signalled.signalled = 'mediated' and not shown_way.is_direct))
),

judged as (
    select
        *,
        client_to_peer_packets + peer_to_client_packets as direct_packets,
        peer_to_client_packets > 0 or (lasted and peer_may_send and from_peer_shown) as peer_to_client_visible,
        client_to_peer_packets > 0 or (lasted and peer_may_receive and to_peer_shown) as client_to_peer_visible,
        case
            when direct_packets > 0 and direct_packets >= via_mediation_packets
                then if(client_to_peer_packets > 0 and peer_to_client_packets > 0, 'direct', 'one_way')
            when via_mediation_packets > 0 then 'mediated'
            when via_relay_packets > 0 then 'relay'
            when packets > 0 then 'unknown'
            when peer_to_client_visible and client_to_peer_visible then 'none'
            else 'unseen'
        end as observed
    from gathered
)

select
    judged.call_no,
    judged.signalled,
    case
        when judged.mediation_ip is null then 'no Mediation Server is known in this call'
        when judged.offer_id is null then 'no offer was seen to be accepted'
        when judged.signalled = 'unknown' and judged.by_peer_leg is not null
            then format(
                'the gateway was told {} ({}), the client {} ({})',
                judged.peer_told_ip, judged.peer_told_role, judged.client_told_ip, judged.client_told_role
            )
        when judged.signalled = 'unknown'
            then format('whose address {} is, is not known', coalesce(judged.peer_told_ip, judged.client_told_ip))
        when judged.by_peer_leg = judged.signalled
            then format('the gateway was told to send to {} ({})', judged.peer_told_ip, judged.peer_told_role)
        else format('the client was told to send to {} ({})', judged.client_told_ip, judged.client_told_role)
    end as signalled_reason,
    judged.observed,
    case
        when judged.observed in ('direct', 'one_way')
            then
                format(
                    '{} packets from client to gateway, {} back, {} by the Mediation Server',
                    judged.client_to_peer_packets, judged.peer_to_client_packets, judged.via_mediation_packets
                )
        when judged.observed = 'mediated'
            then
                format(
                    '{} packets to or from the Mediation Server, {} between client and gateway',
                    judged.via_mediation_packets, judged.direct_packets
                )
        when judged.observed = 'relay' then format('{} packets to or from a relay', judged.via_relay_packets)
        when judged.observed = 'unknown' then format('{} packets between hosts whose roles are not known', judged.packets)
        when judged.observed = 'none' then 'no RTP of this call, in a capture that shows such media of other calls or its RTCP'
        when not judged.has_capture then 'only logs saw this call: they never show media'
        when judged.answered_ts is null then 'no RTP; the call was not answered'
        when not judged.lasted then 'no RTP; the call or the capture ended within two seconds of the answer'
        else 'no RTP of this call, and nothing shows that the capture point could see it'
    end as observed_reason,
    judged.client_to_peer_packets::bigint as client_to_peer_packets,
    judged.peer_to_client_packets::bigint as peer_to_client_packets,
    judged.via_mediation_packets::bigint as via_mediation_packets,
    case
        when judged.observed in ('direct', 'mediated', 'relay', 'none') then true
        when judged.observed = 'one_way' and judged.client_to_peer_visible and judged.peer_to_client_visible then true
        when not judged.has_capture then false
    end as visible,
    if(judged.client_to_peer_visible, true, null) as client_to_peer_visible,
    if(judged.peer_to_client_visible, true, null) as peer_to_client_visible,
    list_filter(
        [
            struct_pack(source_id := offer.source_id, frame := offer.frame, line := offer.line, note := 'offer: ' || offer.start_line),
            struct_pack(source_id := answer.source_id, frame := answer.frame, line := answer.line, note := 'answer: ' || answer.start_line),
            struct_pack(source_id := there.source_id, frame := there.first_frame, line := null, note := 'RTP from client to gateway'),
            struct_pack(source_id := back.source_id, frame := back.first_frame, line := null, note := 'RTP from gateway to client'),
            struct_pack(source_id := via.source_id, frame := via.first_frame, line := null, note := 'RTP to or from the Mediation Server')
        ],
        lambda item: item.source_id is not null  -- noqa: RF01, RF02
    ) as evidence
from judged
left join message as offer on judged.offer_id = offer.message_id
left join message as answer on judged.answer_id = answer.message_id
left join media_flow as there on judged.client_to_peer_flow = there.flow_id
left join media_flow as back on judged.peer_to_client_flow = back.flow_id
left join media_flow as via on judged.via_mediation_flow = via.flow_id;

comment on table media_path is 'One row per call: the way its media was to go by SDP, and the way it was seen to go.';
comment on column media_path.call_no is 'call.call_no.';
comment on column media_path.signalled is 'direct, mediated, relay or unknown: whose address each side was told in the last accepted SDP.';
comment on column media_path.signalled_reason is 'Why, in words.';
comment on column media_path.observed is
'direct, one_way (direct, but one direction only), mediated, relay, unknown (roles not known), none (it would have been seen) or unseen.';
comment on column media_path.observed_reason is 'Why, in words.';
comment on column media_path.client_to_peer_packets is 'RTP packets from client to gateway.';
comment on column media_path.peer_to_client_packets is 'RTP packets from gateway to client.';
comment on column media_path.via_mediation_packets is 'RTP packets to or from a Mediation Server.';
comment on column media_path.visible is
'True where the capture could have shown what is missing of this call''s media; false where only logs saw the call; NULL where not known.';
comment on column media_path.client_to_peer_visible is 'True where media from client to gateway would have been seen; else NULL.';
comment on column media_path.peer_to_client_visible is 'True where media from gateway to client would have been seen; else NULL.';
comment on column media_path.evidence is 'The offer and the answer, and the biggest streams.';
