/*
One row per call: whether its media should have bypassed the Mediation Server, whether it did, and where the two differ
the likeliest cause.

Expected: pass where all criteria pass, fail where any fails (those are the reasons), else unknown. Observed: what the
capture showed of the media, else what the SDP of both legs agreed on. A cause is sought where expected and observed
differ, and where a call that should have bypassed has no media path at all.
*/
create or replace table bypass_assessment as
with

outcomes as (
    select
        call_no,
        case
            when bool_or(outcome = 'fail') then 'fail'
            when bool_or(outcome = 'unknown') then 'unknown'
            else 'pass'
        end as expected
    from bypass_criterion
    group by call_no
),

objections as (
    select
        call_no,
        string_agg(criterion || ': ' || detail, '; ' order by criterion) filter (where outcome = 'fail') as reasons,
        string_agg(distinct detail, '; ' order by detail) filter (where outcome = 'unknown') as open_questions,
        flatten(list(evidence order by criterion)) as evidence
    from bypass_criterion
    where outcome <> 'pass'
    group by call_no
),

paths as (
    select
        media_path.call_no,
        case
            when media_path.observed = 'direct' then 'pass'
            when media_path.observed in ('mediated', 'relay') then 'fail'
            when media_path.observed = 'one_way' and coalesce(media_path.via_mediation_packets, 0) > 0 then 'fail'
            when
                media_path.observed = 'one_way'
                and coalesce(media_path.client_to_peer_packets, 0) + coalesce(media_path.peer_to_client_packets, 0) > 0
                then 'pass'
            -- Early dialogs may have agreed on a path, but a call that nobody answered went none.
            when call.answered_ts is null then 'unknown'
            when media_path.signalled = 'direct' then 'pass'
            when media_path.signalled in ('mediated', 'relay') then 'fail'
            else 'unknown'
        end as observed,
        concat_ws(
            '; ',
            case when call.answered_ts is null then 'the call was not answered' end,
            media_path.observed_reason,
            media_path.signalled_reason
        ) as path_words,
        media_path.evidence
    from media_path
    inner join call using (call_no)
),

compared as (
    select
        call.call_no,
        coalesce(outcomes.expected, 'unknown') as expected,
        coalesce(paths.observed, 'unknown') as observed,
        objections.reasons,
        objections.open_questions,
        paths.path_words,
        objections.evidence as criteria_evidence,
        paths.evidence as path_evidence
    from call
    left join outcomes on call.call_no = outcomes.call_no
    left join objections on call.call_no = objections.call_no
    left join paths on call.call_no = paths.call_no
),

differing as (
    select
        call_no,
        expected,
        observed
    from compared
    where (expected <> observed and expected <> 'unknown' and observed <> 'unknown') or (expected = 'pass' and observed = 'unknown')
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
        bypass_input as input, -- noqa: RF02
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
                and coalesce(media_place.site, '') <> coalesce(location_place.site, '')
                then 'media address differs from the configured one'
            when
                differing.expected = 'pass'
                and bypass_input.has_client_sdp and bypass_input.has_client_leg
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
    left join bypass_place as location_place
        on bypass_input.snapshot_id = location_place.snapshot_id and bypass_input.location_ip = location_place.ip
    where differing.observed <> 'unknown' or refusals.call_no is not null or forks.call_no is not null
),

explained as (
    select
        causes.call_no,
        causes.cause,
        causes.cause_seen,
        case
            when causes.cause = 'encryption' and causes.status is null
                then 'SDP profiles: client ' || causes.input.client_protos || ', peer ' || causes.input.peer_protos
            when causes.cause = 'encryption' then 'the peer answered ' || causes.status || ' and named encryption as the reason'
            when causes.cause = 'peer refused direct media' and causes.status is null
                then 'the peer rejected the stream of an offer with an endpoint''s address'
            when causes.cause = 'peer refused direct media'
                then 'the peer answered ' || causes.status || ' to an offer with an endpoint''s address'
            when causes.cause = 'fork rejected' then 'further early dialogs that the peer ended or refused: ' || causes.dialogs
            when causes.cause = 'transfer' then 'the call was transferred'
            when causes.cause = 'bypass ID on the wire differs'
                then concat(
                    'bypass IDs on the wire: client ', coalesce(causes.input.wire_client_bypass_id, '(not seen)'),
                    ', peer ', coalesce(causes.input.wire_peer_bypass_id, '(not seen)'),
                    '; configured: client ', coalesce(causes.input.client_bypass_id, '(none)'),
                    ', peer ', coalesce(causes.input.peer_bypass_id, '(none)')
                )
            when causes.cause = 'media address differs from the configured one'
                then 'the peer''s media address is ' || causes.input.peer_media_ip || ', bypass counts ' || causes.input.location_ip
            when causes.cause = 'client named no bypass ID'
                then
                    'the client''s SDP has no x-bypassid: it does not know its network, or has not signed in since bypass was set up'
            else 'the signalling that was seen does not explain it'
        end as cause_detail
    from causes
)

select
    compared.call_no,
    compared.expected,
    compared.observed,
    case
        when compared.expected = 'unknown' or compared.observed = 'unknown' then 'unknown'
        when compared.expected = compared.observed then 'pass'
        else 'fail'
    end as verdict,
    explained.cause,
    explained.cause_detail,
    compared.reasons,
    nullif(
        concat_ws(
            '; ',
            case when compared.expected = 'unknown' then coalesce(compared.open_questions, 'no criterion was judged') end,
            case when compared.observed = 'unknown' then 'media path: ' || coalesce(nullif(compared.path_words, ''), 'not seen') end
        ),
        ''
    ) as unknown_reason,
    compared.path_words as observed_reason,
    list_concat(
        compared.path_evidence,
        compared.criteria_evidence,
        explained.cause_seen
    ) as evidence
from compared left join explained using (call_no);

comment on table bypass_assessment is 'One row per call: media bypass expected, observed, and the verdict.';
comment on column bypass_assessment.call_no is 'call.call_no.';
comment on column bypass_assessment.expected is
'pass: all criteria pass; fail: one fails, bypass must not happen; unknown: it cannot be told.';
comment on column bypass_assessment.observed is
'pass: media was seen or negotiated directly; fail: through the Mediation Server or a relay; unknown.';
comment on column bypass_assessment.verdict is
'pass: as expected; fail: otherwise than expected; unknown: one of the two is not known.';
comment on column bypass_assessment.cause is
'Likeliest cause where expected and observed differ, or unknown; NULL where there is nothing to explain. See cause_detail.';
comment on column bypass_assessment.cause_detail is 'The cause with its values.';
comment on column bypass_assessment.reasons is
'Failing criteria with their details: why bypass is not expected. NULL where none fails.';
comment on column bypass_assessment.unknown_reason is 'What is not known, and why. NULL in a verdict of pass or fail.';
comment on column bypass_assessment.observed_reason is 'How the media path was told.';
comment on column bypass_assessment.evidence is
'Frames and lines behind the verdict: media path, criteria that did not pass, cause.';

comment on table bypass_criterion is 'One row per call and criterion of the bypass decision.';
comment on column bypass_criterion.call_no is 'call.call_no.';
comment on column bypass_criterion.criterion is 'criterion.criterion.';
comment on column bypass_criterion.outcome is 'pass, fail or unknown.';
comment on column bypass_criterion.detail is 'The values that decided it, in a sentence.';
comment on column bypass_criterion.evidence is 'Frames of the capture and lines of the configuration used.';
comment on table criterion is 'One row per criterion of the bypass decision.';
comment on column criterion.criterion is 'Name.';
comment on column criterion.title is 'What must hold, in a sentence.';
comment on column criterion.document is 'Microsoft''s document and section or property that it rests on.';
comment on column criterion.requirement is
'1 early dialogs, 2 direct media, 3 well connected: the technical requirements for media bypass; else the group it belongs to.';
