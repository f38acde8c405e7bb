/* One row per ms-diagnostics header seen, with its call and what its id means. Copies of a message in other sources are left out. */
-- needs: sip_diagnostic
create or replace table diagnostic as
with

-- The user's line before the shipped one, the single id before the range.
chosen as (
    select
        seen.diagnostic_id,
        diagnostic_meaning.meaning,
        diagnostic_meaning.status,
        diagnostic_meaning.bypass,
        diagnostic_meaning.bypass_status
    from (select distinct diagnostic_id from sip_diagnostic) as seen
    inner join diagnostic_meaning
        on seen.diagnostic_id between diagnostic_meaning.first_id and diagnostic_meaning.last_id
    qualify
        row_number() over (
            partition by seen.diagnostic_id
            order by diagnostic_meaning.from_user desc, diagnostic_meaning.last_id - diagnostic_meaning.first_id
        ) = 1
),

leg_of_message as (
    select
        leg_message.message_id,
        min(leg_message.leg_id) as leg_id
    from leg_message
    semi join sip_diagnostic on leg_message.message_id = sip_diagnostic.message_id
    group by leg_message.message_id
)

select
    sip_diagnostic.source_id,
    sip_diagnostic.message_id,
    sip_diagnostic.line,
    sip_diagnostic.position,
    coalesce(message.ts, log_event.ts) + to_microseconds((1000 * coalesce(source.clock_offset_ms, 0))::bigint) as ts,
    call_leg.call_no,
    coalesce(message.call_id, log_event.call_id) as call_id,
    message.method,
    message.status as sip_status,
    sip_diagnostic.header,
    sip_diagnostic.diagnostic_id,
    sip_diagnostic.sub_code,
    sip_diagnostic.source as told_by,
    sip_diagnostic.component,
    sip_diagnostic.reason,
    sip_diagnostic.sip_response_code,
    sip_diagnostic.ice_warnings,
    sip_diagnostic.no_media,
    chosen.meaning,
    chosen.status as meaning_status,
    chosen.bypass,
    chosen.bypass_status
from sip_diagnostic
inner join source using (source_id)
left join message on sip_diagnostic.message_id = message.message_id
left join log_event on sip_diagnostic.source_id = log_event.source_id and sip_diagnostic.line = log_event.line
left join leg_of_message on sip_diagnostic.message_id = leg_of_message.message_id
left join call_leg on leg_of_message.leg_id = call_leg.leg_id
left join chosen on sip_diagnostic.diagnostic_id = chosen.diagnostic_id
where not coalesce(message.is_duplicate, false);

comment on table diagnostic is 'One row per ms-diagnostics header seen, with its call and what its id means; copies left out.';
comment on column diagnostic.source_id is 'source.source_id: the file it was in.';
comment on column diagnostic.message_id is 'message.message_id; NULL where a log event quotes the header.';
comment on column diagnostic.line is 'log_event.line of that event; NULL where the header was in a message.';
comment on column diagnostic.position is 'Position among such headers of the message or event, from 0.';
comment on column diagnostic.ts is 'When it was seen, on the reference clock (UTC).';
comment on column diagnostic.call_no is 'call.call_no of the message''s call; NULL where it belongs to none.';
comment on column diagnostic.call_id is 'SIP Call-ID of the message, or the one that the log event names.';
comment on column diagnostic.method is 'message.method.';
comment on column diagnostic.sip_status is 'message.status: the response that carried the header.';
comment on column diagnostic.header is 'ms-diagnostics, ms-client-diagnostics or ms-diagnostics-public.';
comment on column diagnostic.diagnostic_id is 'Error id.';
comment on column diagnostic.sub_code is 'Sub-error code.';
comment on column diagnostic.told_by is 'source attribute: the machine that wrote the header.';
comment on column diagnostic.component is 'component attribute, such as MediationServer.';
comment on column diagnostic.reason is 'reason attribute.';
comment on column diagnostic.sip_response_code is 'SipResponseCode attribute.';
comment on column diagnostic.ice_warnings is 'Bits of ICEWarn in words.';
comment on column diagnostic.no_media is 'True where MediaChanBlob says that no RTP ever came.';
comment on column diagnostic.meaning is 'What the id means (diagnostic_meaning).';
comment on column diagnostic.meaning_status is 'How well that is known.';
comment on column diagnostic.bypass is 'What it means for media bypass; NULL where nothing.';
comment on column diagnostic.bypass_status is 'How well that is known.';
