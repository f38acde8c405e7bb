/* One row per SIP message of the call $call_no in order of time, on the clock of the source read first.
   Sent again or seen by a second source: counted in the row of the first. */
with

legs as (
    select
        leg.leg_id,
        leg.call_id,
        leg.from_tag,
        leg.side,
        row_number() over (order by leg.started_ts, leg.leg_id) as leg_no
    from call_leg
    inner join leg using (leg_id)
    where call_leg.call_no = $call_no
),

sdp as (
    select
        message_id,
        arg_min(address, (is_fallback, part, m_index)) as sdp_ip,
        arg_min(port, (is_fallback, part, m_index)) as sdp_port,
        arg_min(proto, (is_fallback, part, m_index)) as sdp_proto,
        arg_min(direction, (is_fallback, part, m_index)) as sdp_direction
    from sdp_media
    where media = 'audio'
    group by message_id
),

marks as (
    select
        finding_evidence.source_id,
        finding_evidence.frame,
        finding_evidence.line,
        list_sort(list(distinct finding.rule_id)) as rules
    from finding_evidence
    inner join finding using (finding_id)
    where finding.call_no = $call_no and finding.status = 'fail' and finding.resolved_at is null
    group by all
),

observed as (
    select
        legs.leg_no,
        legs.leg_id,
        legs.side,
        case when message.from_tag = legs.from_tag then message.to_tag else message.from_tag end as far_tag,
        message.*,
        message.ts + coalesce(source.clock_offset_ms, 0) * interval 1 millisecond as moment,
        regexp_extract(source.path, '[^/\\]+$') as file
    from message
    inner join legs
        on legs.call_id = message.call_id and (legs.from_tag = message.from_tag or legs.from_tag = message.to_tag)
    inner join source using (source_id)
),

folded as (
    select
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
        list({'source_id': source_id, 'frame': frame, 'line': line}) as places
    from observed
    group by leg_no, leg_id, side, far_tag, cseq, method, status, src, dst, rseq, md5(coalesce(body, ''))
)

select
    folded.* exclude (places),
    dialog.ordinal,
    coalesce(dialog.is_early, false) as is_early,
    sdp.sdp_ip,
    sdp.sdp_port,
    sdp.sdp_proto,
    sdp.sdp_direction,
    (
        select list_sort(list_distinct(flatten(list(marks.rules))))
        from marks
        where list_contains(folded.places, {'source_id': marks.source_id, 'frame': marks.frame, 'line': marks.line})
    ) as rules
from folded
left join dialog on dialog.leg_id = folded.leg_id and dialog.to_tag = folded.far_tag
left join sdp on sdp.message_id = folded.message_id
order by folded.moment, folded.message_id
