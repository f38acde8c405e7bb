/*
Sets the likeliest cause in bypass_verdict, where what was expected and what was observed differ, and where a call that should have
bypassed has no media path at all.
*/
-- needs: bypass_verdict where verdict = 'fail' or (expected = 'pass' and observed = 'unknown')
with

differing as (
    select
        call_no,
        expected,
        observed
    from bypass_verdict
    where verdict = 'fail' or (expected = 'pass' and observed = 'unknown')
),

peer_legs as (
    select
        call_leg.call_no,
        leg.*
    from call_leg
    inner join leg using (leg_id)
    inner join differing using (call_no)
    where call_leg.side = 'peer'
),

refusals as (
    select
        peer_legs.call_no,
        min(offer_answer.answer_status) filter (where offer_answer.outcome = 'rejected') as status,
        bool_or(
            contains(message.ms_diagnostics, '52017')
            or contains(lower(message.ms_diagnostics), 'encryption')
            or contains(lower(message.reason_phrase), 'encryption')
        ) as is_encryption,
        arg_min(
            { 'source_id': message.source_id, 'frame': message.frame, 'line': message.line, 'note': 'answer to the offer of direct media' },
            message.message_id
        ) as seen
    from peer_legs
    inner join offer_answer using (leg_id)
    left join message on offer_answer.answer_id = message.message_id
    where
        offer_answer.offer_is_endpoint
        and (
            offer_answer.outcome = 'stream_rejected'
            or (offer_answer.outcome = 'rejected' and offer_answer.answer_status in (400, 403, 415, 480, 488, 606))
        )
    group by peer_legs.call_no
),

forks as (
    select
        peer_legs.call_no,
        count(*) as dialogs,
        arg_min(
            {
                'source_id': message.source_id,
                'frame': message.frame,
                'line': message.line,
                'note': 'answer or end of a further early dialog'
            },
            message.message_id
        ) as seen
    from peer_legs
    inner join dialog using (leg_id)
    left join message on coalesce(dialog.prack_final_id, dialog.update_final_id, peer_legs.cancel_id) = message.message_id
    where
        peer_legs.invited_by = 'peer'
        and dialog.ordinal >= 2
        and (
            dialog.prack_status >= 300
            or dialog.update_status >= 300
            or (not peer_legs.answered_elsewhere and date_diff('millisecond', dialog.first_ts, peer_legs.cancel_ts) between 0 and 500)
        )
    group by peer_legs.call_no
),

causes as (
    select
        differing.call_no,
        bypass_input.client_protos,
        bypass_input.peer_protos,
        bypass_input.wire_client_bypass_id,
        bypass_input.wire_peer_bypass_id,
        bypass_input.client_bypass_id,
        bypass_input.peer_bypass_id,
        bypass_input.peer_media_ip,
        bypass_input.location_ip,
        refusals.status,
        forks.dialogs,
        case
            when differing.expected = 'pass' and refusals.is_encryption then 'encryption'
            when differing.expected = 'pass' and refusals.call_no is not null then 'peer refused direct media'
            when differing.expected = 'pass' and forks.call_no is not null then 'fork rejected'
            when differing.expected = 'pass' and bypass_input.was_transferred then 'transfer'
            when
                bypass_input.wire_client_bypass_id <> bypass_input.wire_peer_bypass_id
                or (not bypass_input.client_id_is_made and bypass_input.wire_client_bypass_id <> bypass_input.client_bypass_id)
                or (not bypass_input.peer_id_is_made and bypass_input.wire_peer_bypass_id <> bypass_input.peer_bypass_id)
                then 'bypass ID on the wire differs'
            when
                differing.expected = 'pass'
                and bypass_input.has_client_sdp and bypass_input.has_peer_sdp
                and not (bypass_input.client_srtp and bypass_input.peer_srtp)
                and not (bypass_input.client_plain and bypass_input.peer_plain)
                then 'encryption'
            when
                bypass_input.peer_media_ip <> bypass_input.location_ip
                and coalesce(media_place.site, '') <> coalesce(bypass_input.peer_site, '')
                then 'media address differs from the configured one'
            when
                differing.expected = 'pass'
                and bypass_input.mode = 'server' and bypass_input.has_client_sdp and bypass_input.has_client_leg
                and bypass_input.wire_client_bypass_id is null
                then 'client named no bypass ID'
            else 'unknown'
        end as cause,
        case
            when differing.expected = 'fail' then bypass_input.wire_bypass_seen
            when refusals.call_no is not null then [refusals.seen]
            when forks.call_no is not null then [forks.seen]
            else coalesce(bypass_input.transfer_seen, bypass_input.wire_bypass_seen, bypass_input.client_sdp_seen)
        end as cause_seen
    from differing
    inner join bypass_input using (call_no)
    left join refusals on differing.call_no = refusals.call_no
    left join forks on differing.call_no = forks.call_no
    left join bypass_place as media_place
        on bypass_input.snapshot_id = media_place.snapshot_id and bypass_input.peer_media_ip = media_place.ip
    where differing.observed <> 'unknown' or refusals.call_no is not null or forks.call_no is not null
),

explained as (
    select
        causes.call_no,
        causes.cause,
        causes.cause_seen,
        case
            when causes.cause = 'encryption' and causes.status is null
                then 'SDP profiles: client ' || causes.client_protos || ', peer ' || causes.peer_protos
            when causes.cause = 'encryption' then 'the peer answered ' || causes.status || ' and named encryption as the reason'
            when causes.cause = 'peer refused direct media' and causes.status is null
                then 'the peer rejected the stream of an offer with an endpoint''s address'
            when causes.cause = 'peer refused direct media'
                then 'the peer answered ' || causes.status || ' to an offer with an endpoint''s address'
            when causes.cause = 'fork rejected' then 'further early dialogs that the peer ended or refused: ' || causes.dialogs
            when causes.cause = 'transfer' then 'the call was transferred'
            when causes.cause = 'bypass ID on the wire differs'
                then concat(
                    'bypass IDs on the wire: client ', coalesce(causes.wire_client_bypass_id, '(not seen)'),
                    ', peer ', coalesce(causes.wire_peer_bypass_id, '(not seen)'),
                    '; configured: client ', coalesce(causes.client_bypass_id, '(none)'),
                    ', peer ', coalesce(causes.peer_bypass_id, '(none)')
                )
            when causes.cause = 'media address differs from the configured one'
                then 'the peer''s media address is ' || causes.peer_media_ip || ', bypass counts ' || causes.location_ip
            when causes.cause = 'client named no bypass ID'
                then
                    'the client''s SDP has no x-bypassid: it does not know its network, or has not signed in since bypass was set up'
            else 'the signalling that was seen does not explain it'
        end as cause_detail
    from causes
)

update bypass_verdict
set cause = explained.cause, cause_detail = explained.cause_detail, cause_seen = explained.cause_seen
from explained
where bypass_verdict.call_no = explained.call_no;
