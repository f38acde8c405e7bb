/*
id = "BYP005"
title = "Peer's media address lies elsewhere than the address that bypass counts"
severity = "high"
status = "stable"
subject = "peer"
meaning = """
Bypass is computed from the gateway's RepresentativeMediaIP, or its signalling address where that is not set. In the calls read, the
peer's SDP named media addresses in another place (site or bypass ID) than that. Judged are peers in the configuration whose media
address was seen in answered calls; addresses whose place is not configured are undecided."""
impact = """
Calls bypass or not by the place of an address that carries no media: media may cross a narrow link that bypass was to avoid, or take a
detour where it could go straight."""
causes = [
    "RepresentativeMediaIP is not set, and the gateway's media interface has another address than its signalling one.",
    "RepresentativeMediaIP was not changed when the gateway was moved.",
    "The gateway has several media interfaces; only one can be represented.",
]
confirm = [
    "siplens call CALL: c= in the peer's SDP.",
    "Get-CsService -PstnGateway: RepresentativeMediaIP.",
]
fix = [
    "Set RepresentativeMediaIP with Set-CsPstnGateway, or in Topology Builder, to the address in the gateway's SDP.",
    "Put the subnet of the media interface into the site of the gateway.",
]
falsepositives = [
    "An SBC with a media address per customer: then no single address represents it.",
]
references = [
    "Microsoft: Set-CsPstnGateway, RepresentativeMediaIP",
    "Microsoft: Plan for media bypass in Skype for Business",
]
*/
with

seen as (
    select
        bypass_input.gateway,
        bypass_input.location_ip,
        call.peer_media_ip,
        any_value(bypass_input.gateway_evidence) as gateway_evidence,
        any_value(call.peer_ip) as peer_ip,
        any_value(counted_place.site) as counted_site,
        any_value(media_place.site) as media_site,
        bool_or(
            counted_place.bypass_id is distinct from media_place.bypass_id
            or lower(counted_place.site) is distinct from lower(media_place.site)
        ) as differs,
        bool_and(counted_place.site is not null and media_place.site is not null) as is_placed,
        count(*) as calls,
        min(leg_media.answer_id) as message_id
    from bypass_input
    inner join call using (call_no)
    left join leg_media on call.peer_leg_id = leg_media.leg_id
    left join bypass_place as counted_place
        on bypass_input.snapshot_id = counted_place.snapshot_id and bypass_input.location_ip = counted_place.ip
    left join bypass_place as media_place
        on bypass_input.snapshot_id = media_place.snapshot_id and call.peer_media_ip = media_place.ip
    where bypass_input.gateway is not null and call.peer_media_ip is not null and call.answered_ts is not null
    group by bypass_input.gateway, bypass_input.location_ip, call.peer_media_ip
),

verdicts as (
    select
        *,
        case
            when peer_media_ip = location_ip then 'pass'
            when not is_placed then 'unknown'
            when differs then 'fail'
            else 'pass'
        end as status
    from seen
),

judged as (
    select
        gateway,
        any_value(peer_ip) as peer_ip,
        arg_min(status, list_position(['fail', 'unknown', 'pass'], status)) as status,
        sum(calls)::bigint as calls,
        string_agg(
            format(
                'media at {} ({}) in {} calls, while bypass counts {} ({})',
                peer_media_ip,
                coalesce('site ' || media_site, 'in no site'),
                calls,
                location_ip, coalesce('site ' || counted_site, 'in no site')
            ), '; ' order by peer_media_ip, location_ip
        ) filter (where status <> 'pass') as words,
        flatten(list(list_concat(
            [{ 'message_id': message_id, 'note': format('SDP with {}', peer_media_ip) }], gateway_evidence
        ) order by peer_media_ip, location_ip) filter (where status <> 'pass')) as evidence
    from verdicts
    group by gateway
)

select
    gateway as subject_id,
    peer_ip as peer,
    status,
    case
        when status = 'pass' then format('media came from where bypass counts it, in {} calls', calls)
        else words
    end as reason,
    coalesce(evidence, []) as evidence
from judged
