/*
id = "DMR007"
title = "The call was ended about 30 s after the peer's last RTCP"
severity = "medium"
status = "stable"
subject = "call"
meaning = """
The peer sent RTCP, then no more, and about 30 seconds after its last report the Mediation Server's side sent BYE, while RTP from the
peer still flowed: with RTCPActiveCalls the server takes silence of RTCP for a dead call. Judged are answered calls with RTCP from the
peer that ended by BYE of the Mediation Server's side. The window lies between window_from_s and window_to_s."""
impact = """
Good calls are cut off after half a minute without RTCP, most of all on hold or when the peer changes its media path."""
causes = [
    "The gateway stops RTCP when media changes, on hold, or when it relays media itself.",
    "A firewall closes the RTCP port while RTP keeps its own open.",
    "RTCPActiveCalls or RTCPCallsOnHold is on for a peer that sends no RTCP.",
]
confirm = [
    "siplens call CALL: last RTCP of the peer, last RTP of the peer, BYE.",
    "Get-CsTrunkConfiguration: RTCPActiveCalls, RTCPCallsOnHold.",
]
fix = [
    "Set RTCPActiveCalls (and RTCPCallsOnHold) to False for this trunk, and enable the session timer instead.",
    "Turn RTCP on at the gateway, also on hold, and open its port in the firewall.",
]
falsepositives = [
    "Somebody hung up by chance in that window: a cluster of calls tells.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, RTCPActiveCalls, RTCPCallsOnHold (30 seconds)",
    "RFC 3550 section 6.2: interval of RTCP",
]
[params]
window_from_s = 28.0
window_to_s = 36.0
*/
with

ended as (
    select
        call.call_no,
        call.peer_ip,
        call.peer_media_ip,
        call.answered_ts,
        leg.bye_id,
        leg.bye_ts
    from call
    inner join leg on call.peer_leg_id = leg.leg_id
    where
        call.answered_ts is not null and call.peer_media_ip is not null
        and ((leg.invited_by = 'peer' and leg.bye_by = 'callee') or (leg.invited_by = 'mediation' and leg.bye_by = 'caller'))
),

told_port as (
    select
        ended.call_no,
        unnest([leg_media.caller_port, leg_media.callee_port]) as port
    from ended
    inner join call_leg using (call_no)
    inner join leg_media using (leg_id)
),

report as (
    select
        ended.call_no,
        max(rtcp_report.ts) as last_ts,
        arg_max(rtcp_report.source_id, rtcp_report.ts) as source_id,
        arg_max(rtcp_report.frame, rtcp_report.ts) as frame,
        count(*) as reports
    from ended
    inner join rtcp_report on ended.peer_media_ip = rtcp_report.src_ip
    semi join told_port
        on
            ended.call_no = told_port.call_no
            and rtcp_report.src_port in (told_port.port, told_port.port + 1)
    where rtcp_report.ts between ended.answered_ts and ended.bye_ts and rtcp_report.type <> 'BYE'
    group by ended.call_no
),

heard as (
    select
        call_no,
        max(last_ts) as last_ts
    from call_stream
    where from_role = 'peer'
    group by call_no
),

judged as (
    select
        ended.*,
        report.reports,
        report.source_id,
        report.frame,
        date_diff('millisecond', report.last_ts, ended.bye_ts) / 1000.0 as silent_s,
        heard.last_ts > report.last_ts + interval 10 seconds as has_later_rtp,
        case
            when silent_s not between $window_from_s and $window_to_s then 'pass'
            when has_later_rtp then 'fail'
            else 'unknown'
        end as status
    from ended
    inner join report on ended.call_no = report.call_no
    left join heard on ended.call_no = heard.call_no
)

select
    call_no as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('BYE {:.1f} s after the peer''s last RTCP', silent_s)
        when
            status = 'unknown'
            then format('BYE {:.1f} s after the peer''s last RTCP, but no RTP of the peer was seen after it either', silent_s)
        else format('BYE {:.1f} s after the peer''s last RTCP, while its RTP went on', silent_s)
    end as reason,
    list_concat(
        [{ 'source_id': source_id, 'frame': frame, 'note': 'last RTCP of the peer' }],
        [{ 'message_id': bye_id, 'note': 'BYE of the Mediation Server''s side' }]
    ) as evidence
from judged
