/*
id = "DMR004"
title = "The network or the receiver refused direct media packets"
severity = "high"
status = "stable"
subject = "call"
meaning = """
While the call was answered, ICMP errors (destination unreachable, administratively prohibited, port unreachable) came back for UDP
packets with both addresses and both ports of the call's direct media. Judged are answered calls with direct media agreed; a call whose
direct packets were seen both ways, or which nobody complained of, passes only where its media would have been seen."""
impact = """
One or both people hear nothing: a router or host threw the packets away and said so."""
causes = [
    "An access list between the client subnets and the gateway (type 3 code 9, 10 or 13).",
    "No route between them (code 0 or 1).",
    "Nobody listens at that port: the receiver had closed it, or never opened it (code 3).",
]
confirm = [
    "The evidence names the frames; the sender of the ICMP error is the router or host that refused.",
    "Trace the route from the gateway to the client subnet, and back.",
]
fix = [
    "Open the media port ranges between the client subnets and the gateway's media address, both ways.",
    "Add the missing route.",
    "Where such media cannot be allowed, turn EnableBypass off for the trunk.",
]
falsepositives = [
    "Port unreachable for a moment at the start or end of a call: max_early_ms leaves out what comes just after the answer.",
    "RTCP that the receiver does not take: only the RTP port counts.",
]
references = [
    "RFC 792: destination unreachable; RFC 1812 section 5.2.7.1: codes",
    "RFC 4443 section 3.1: ICMPv6 destination unreachable",
]
[params]
max_early_ms = 500
*/
with

agreed as (
    select
        call.call_no,
        call.peer_ip,
        media_path.observed_reason,
        coalesce(
            media_path.visible or (media_path.client_to_peer_packets > 0 and media_path.peer_to_client_packets > 0), false
        ) as would_show
    from call
    inner join media_path using (call_no)
    where media_path.signalled = 'direct' and call.answered_ts is not null
),

refused as (
    select
        call_no,
        count(*) as errors,
        count(*) filter (where is_from_peer) as from_peer,
        arg_min(meaning, ts) as meaning,
        arg_min(reporter_ip, ts) as reporter_ip,
        list({
            'source_id': source_id,
            'frame': frame,
            'note': format('ICMP {} from {}', meaning, reporter_ip)
        } order by ts)[:10] as evidence
    from direct_refusal
    where after_ms >= $max_early_ms
    group by call_no
),

judged as (
    select
        agreed.*,
        refused.errors,
        refused.from_peer,
        refused.meaning,
        refused.reporter_ip,
        refused.evidence,
        case
            when refused.call_no is not null then 'fail'
            when agreed.would_show then 'pass'
            else 'unknown'
        end as status
    from agreed
    left join refused on agreed.call_no = refused.call_no
)

select
    call_no as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when status = 'fail'
            then format(
                '{} ICMP errors ({} from {}) for direct media, {} of them for the peer''s packets', errors, meaning, reporter_ip, from_peer
            )
        when status = 'pass' then 'no ICMP error for direct media'
        else
            'no ICMP error was seen, but the capture could not have shown this media: '
            || coalesce(observed_reason, 'its path is not known')
    end as reason,
    coalesce(evidence, []) as evidence
from judged
