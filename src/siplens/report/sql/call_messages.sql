/* One row per SIP message of the calls $call_nos in order of time, on the clock of the capture that begins first.
   Sent again or seen by a second source: counted in the row of the first. */
with

legs as (
    select
        call_leg.call_no,
        leg.leg_id,
        leg.from_tag,
        leg.side,
        row_number() over (partition by call_leg.call_no order by leg.started_ts, leg.leg_id) as leg_no
    from call_leg
    inner join leg using (leg_id)
    where list_contains($call_nos, call_leg.call_no)
),

marks as (
    select
        finding.call_no,
        finding_evidence.source_id,
        finding_evidence.frame,
        finding_evidence.line,
        list_sort(list(distinct finding.rule_id)) as rules
    from finding_evidence
    inner join finding using (finding_id)
    where list_contains($call_nos, finding.call_no) and finding.status = 'fail' and finding.resolved_at is null
    group by all
),

observed as (
    select
        legs.call_no,
        legs.leg_no,
        legs.leg_id,
        legs.side,
        case when message.from_tag = legs.from_tag then message.to_tag else message.from_tag end as far_tag,
        message.*,
        message.ts + coalesce(source.clock_offset_ms, 0) * interval 1 millisecond as moment,
        regexp_extract(source.path, '[^/\\]+$') as file
    from legs
    inner join leg_message using (leg_id)
    inner join message using (message_id)
    inner join source on message.source_id = source.source_id
),

sdp as (
    select
        message_id,
        arg_min(address, (is_fallback, part, m_index)) as sdp_ip,
        arg_min(port, (is_fallback, part, m_index)) as sdp_port,
        arg_min(proto, (is_fallback, part, m_index)) as sdp_proto,
        arg_min(direction, (is_fallback, part, m_index)) as sdp_direction
    from sdp_media
    where media = 'audio' and message_id in (select observed.message_id from observed)
    group by message_id
),

folded as (
    select
        call_no,
        leg_no,
        leg_id,
        side,
        far_tag,
        cseq,
        method,
        status,
        coalesce(src_ip, src_name, '?') as src,
        coalesce(dst_ip, dst_name, '?') as dst,
        min(moment) filter (where not is_duplicate) as moment,
        arg_min(message_id, (is_duplicate, message_id)) as message_id,
        arg_min(source_id, (is_duplicate, message_id)) as source_id,
        arg_min(file, (is_duplicate, message_id)) as file,
        arg_min(frame, (is_duplicate, message_id)) as frame,
        arg_min(line, (is_duplicate, message_id)) as line,
        arg_min(reason_phrase, (is_duplicate, message_id)) as reason_phrase,
        arg_min(reason, (is_duplicate, message_id)) as reason,
        count(*) filter (where not is_duplicate) as times,
        count(distinct source_id) as sources,
        list({ 'source_id': source_id, 'frame': frame, 'line': line }) as places
    from observed
    group by call_no, leg_no, leg_id, side, far_tag, cseq, method, status, src, dst, rseq, md5(coalesce(body, ''))
),

placed as (
    select
        call_no,
        message_id,
        unnest(places) as place
    from folded
),

marked as (
    select
        placed.message_id,
        list_sort(list_distinct(flatten(list(marks.rules)))) as rules
    from placed
    inner join marks
        on
            placed.call_no = marks.call_no
            and placed.place.source_id = marks.source_id
            and placed.place.frame is not distinct from marks.frame
            and placed.place.line is not distinct from marks.line
    group by placed.message_id
)

select
    folded.*,
    dialog.ordinal,
    coalesce(dialog.is_early, false) as is_early,
    sdp.sdp_ip,
    sdp.sdp_port,
    sdp.sdp_proto,
    sdp.sdp_direction,
    marked.rules
from folded
left join dialog on folded.leg_id = dialog.leg_id and folded.far_tag = dialog.to_tag
left join sdp using (message_id)
left join marked using (message_id)
order by folded.call_no, folded.moment, folded.message_id
