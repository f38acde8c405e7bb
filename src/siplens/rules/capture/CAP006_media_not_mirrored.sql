/*
id = "CAP006"
title = "The capture point sees signalling and no media"
severity = "info"
status = "stable"
subject = "source"
meaning = """
The capture saw the signalling of min_calls answered calls or more with SDP, and not one RTP packet of them: media is not mirrored there.
Judged are captures with answered calls; fewer calls are undecided."""
impact = """
What media did cannot be told from this capture: verdicts about media stay unknown, and none is made up."""
causes = [
    "The mirror port covers the signalling interface only.",
    "A capture filter for SIP ports.",
    "Media goes directly, past the capture point: then another capture point is needed to see it.",
]
confirm = [
    "Does any host of the capture send UDP to the ports that SDP names?",
]
fix = [
    "Capture at the gateway's media interface, or mirror the client subnets as well.",
]
falsepositives = [
    "Calls without audio.",
]
references = [
    "RFC 3264: SDP names the ports",
    "Wireshark wiki: capture set-up on switched networks",
]
[params]
min_calls = 3
*/
with

answered as (
    select
        call_capture.source_id,
        count(distinct call.call_no) as calls
    from call_capture
    inner join call using (call_no)
    inner join call_leg using (call_no)
    inner join leg_media using (leg_id)
    where call.answered_ts is not null and leg_media.is_accepted
    group by call_capture.source_id
),

mirrored as (
    select
        source_id,
        count(distinct call_no) as calls
    from call_flow
    group by source_id
),

shown as (
    select
        source_id,
        min(frame) as frame
    from message
    group by source_id
)

select
    answered.source_id as subject_id,
    case
        when mirrored.source_id is not null then 'pass'
        when answered.calls >= $min_calls then 'fail'
        else 'unknown'
    end as status,
    case
        when mirrored.source_id is not null then format('media of {} calls, {} answered ones', mirrored.calls, answered.calls)
        else format('{} answered calls, and no RTP of any', answered.calls)
    end as reason,
    [{ 'source_id': answered.source_id, 'frame': coalesce(shown.frame, 1), 'note': 'first SIP message' }] as evidence
from answered
left join mirrored on answered.source_id = mirrored.source_id
left join shown on answered.source_id = shown.source_id
