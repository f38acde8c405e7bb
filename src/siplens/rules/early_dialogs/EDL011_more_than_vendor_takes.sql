/*
id = "EDL011"
title = "More early dialogs than the peer's vendor says it takes"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
The call forked to more early dialogs than products of this vendor take by their own documentation, whether or not the call failed.
Judged are forked INVITEs from peers whose vendor, configured or known by the User-Agent, has a limit in the vendor table
(vendor_in_force): siplens' own list, and any vendors: of an imported configuration before it."""
impact = """
Beyond its limit a gateway ignores further endpoints or drops the call: some of the people who should ring never can be answered."""
causes = [
    "MaxEarlyDialogs of the trunk is higher than the vendor's limit.",
    "Delegates, team-call groups, simultaneous ringing and several devices of a user add up.",
]
confirm = [
    "siplens call CALL lists the early dialogs.",
    "Look up forking in the vendor's manual for the version in use.",
]
fix = [
    "Set MaxEarlyDialogs of the trunk to the vendor's limit.",
    "Have people with many delegates use a response group.",
    "A newer version takes more: give the vendor's new MaxEarlyDialogs under vendors: in an imported configuration.",
]
falsepositives = [
    "The limit of another version or product of the same vendor.",
]
references = [
    "AudioCodes gateways: up to 20 forking responses per INVITE (ForkingHandlingMode)",
    "Microsoft: New-CsTrunkConfiguration, MaxEarlyDialogs",
]
*/
with

named as (
    select
        forked_leg.*,
        coalesce(bypass_input.vendor, nullif(forked_leg.peer_agent, '')) as vendor,
        bypass_input.vendor_limit,
        list_concat(bypass_input.gateway_evidence, bypass_input.vendor_evidence) as vendor_evidence
    from forked_leg
    left join bypass_input using (call_no)
    where forked_leg.invited_by = 'peer' and not forked_leg.is_merged
),

judged as (
    select
        *,
        case
            when vendor is null then 'unknown'
            when early_dialogs > vendor_limit then 'fail'
            else 'pass'
        end as status
    from named
    where vendor is null or vendor_limit is not null
),

shown as (
    select
        dialog.leg_id,
        list({ 'message_id': dialog.first_id, 'note': format('opens early dialog {}', dialog.ordinal) } order by dialog.ordinal) as evidence
    from dialog
    inner join judged using (leg_id)
    where dialog.is_early and judged.status = 'fail' and dialog.ordinal >= judged.vendor_limit
    group by dialog.leg_id
)

select
    judged.leg_id as subject_id,
    judged.peer_ip as peer,
    judged.status,
    case
        when judged.vendor is null then format('{} early dialogs, but who made the peer is not known', judged.early_dialogs)
        else format('{} early dialogs; {} takes {}', judged.early_dialogs, judged.vendor, judged.vendor_limit)
    end as reason,
    list_concat(shown.evidence, judged.vendor_evidence) as evidence
from judged
left join shown on judged.leg_id = shown.leg_id
