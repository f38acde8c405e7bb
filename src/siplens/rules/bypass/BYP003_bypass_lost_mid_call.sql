/*
id = "BYP003"
title = "Media left the direct path in the middle of a call"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
The call had direct media, and a later re-INVITE or UPDATE gave the peer the Mediation Server's address. That is as designed where the
call was transferred on a trunk without REFER support, or became a conference; it is a fault where nothing of the kind happened. Judged
are answered calls with direct media agreed. A change within soon_s seconds of the answer, without transfer, is DMR006's."""
impact = """
From then on the Mediation Server carries the media: its capacity and the network link are used although bypass was meant to spare them."""
causes = [
    "A transfer on a trunk with EnableReferSupport False: designed so.",
    "A transfer although EnableReferSupport is True: the peer refused or lacks REFER.",
    "The call was put on hold and taken back through the Mediation Server.",
    "Call recording or another service joined.",
]
confirm = [
    "siplens call CALL: the re-INVITE, and a REFER or Replaces before it.",
    "Get-CsTrunkConfiguration: EnableReferSupport.",
]
fix = [
    "Turn EnableReferSupport on where the peer handles REFER, so that transferred calls stay bypassed.",
    "Else nothing: media that leaves with a transfer is as designed.",
]
falsepositives = [
    "A conference or recorder that siplens did not recognise.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, EnableReferSupport and EnableBypass",
    "RFC 3515: REFER; RFC 3891: Replaces",
]
[params]
soon_s = 30.0
*/
with

spell as (
    select
        direct_spell.*,
        coalesce(bypass_fact.was_transferred, false) as was_transferred,
        bypass_fact.conference_id,
        bypass_fact.transfer_id,
        bypass_input.enable_refer_support,
        bypass_input.trunk,
        bypass_input.trunk_evidence,
        coalesce(bypass_input.configuration_problem, bypass_input.trunk_problem, 'the trunk is not known') as why_unknown,
        date_diff('millisecond', direct_spell.answered_ts, direct_spell.lost_ts) / 1000.0 as after_s
    from direct_spell
    left join bypass_fact using (call_no)
    left join bypass_input using (call_no)
    where direct_spell.answered_ts is not null
),

judged as (
    select
        *,
        case
            when lost_ts is null or came_back then 'pass'
            when conference_id is not null then 'pass'
            when was_transferred and enable_refer_support is null then 'unknown'
            when was_transferred and not enable_refer_support then 'pass'
            when not was_transferred and after_s <= $soon_s then 'pass'
            else 'fail'
        end as status
    from spell
)

select
    leg_id as subject_id,
    call_no,
    peer_ip as peer,
    status,
    case
        when lost_ts is null then 'media stayed direct'
        when came_back then 'media went direct again'
        when conference_id is not null then 'the call became a conference'
        when status = 'unknown'
            then 'media left the direct path with a transfer; whether that is as designed cannot be told: ' || why_unknown
        when was_transferred and status = 'pass'
            then format('media left the direct path with a transfer, as designed: trunk {} has EnableReferSupport False', trunk)
        when status = 'pass' then format('media left the direct path {:.1f} s after the answer: see DMR006', after_s)
        when was_transferred
            then format(
                'media went to {} with a transfer, although trunk {} has EnableReferSupport True, {:.1f} s after the answer',
                mediated_ip,
                trunk,
                after_s
            )
        else format('media went to {} {:.1f} s after the answer, without a transfer or conference', mediated_ip, after_s)
    end as reason,
    list_concat(
        [
            { 'message_id': agreed_id, 'note': format('offer that led to direct media with {}', endpoint_ip) },
            { 'message_id': transfer_id, 'note': 'transfer' },
            { 'message_id': lost_id, 'note': format('offer that moved media to {}', mediated_ip) }
        ],
        trunk_evidence
    ) as evidence
from judged
