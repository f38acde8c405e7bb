/*
id = "EDL001"
title = "More early dialogs than the trunk allows"
severity = "medium"
status = "stable"
subject = "leg"
meaning = """
A peer invited the Mediation Server, the call forked to several endpoints, and the peer was shown more early dialogs (To tags in
provisional responses) than MaxEarlyDialogs of its trunk, or than its entry in the configuration says it can take. Judged are
INVITEs from a peer that got two early dialogs or more. Where the call forked behind the Mediation Server and this leg shows one early
dialog only, something between merges them, and the verdict is unknown."""
impact = """
A peer that is shown more early dialogs than it can hold may drop the call, play no ringback, or send media to the wrong endpoint.
Calls to people with many devices, delegates or team-call groups fail, while calls to others work."""
causes = [
    "Delegates, team-call groups, simultaneous ringing and several devices of a user add up.",
    "MaxEarlyDialogs was lowered for this trunk, or the peer is more limited than the default of 20 assumes.",
    "A proxy or SBC on the way forks once more.",
]
confirm = [
    "siplens call CALL lists every early dialog: its To tag, when it came and how it ended.",
    "Compare with Get-CsTrunkConfiguration MaxEarlyDialogs and with what the vendor states for the peer.",
    "siplens peers shows the most early dialogs that this peer was shown, and the most it took in an answered call.",
]
fix = [
    "Set MaxEarlyDialogs to what the peer can really take.",
    "Let the SBC merge early dialogs into one for peers that cannot take several.",
    "Have people with many delegates use a response group, which answers before it rings its agents.",
]
falsepositives = [
    "MaxEarlyDialogs in the file imported is not what the server used at the time.",
    "The capture point lies behind an SBC that merges early dialogs: the peer itself may have seen one only.",
]
references = [
    "RFC 3261 section 12.1: dialogs made by responses 101 to 199",
    "Microsoft: New-CsTrunkConfiguration, MaxEarlyDialogs",
]
*/
with

-- bypass_input has the configuration in force when the call began, with Microsoft's defaults.
limited as (
    select
        forked_leg.*,
        bypass_input.gateway,
        bypass_input.trunk,
        bypass_input.max_early_dialogs as trunk_limit,
        bypass_input.max_early_dialogs_words as trunk_words,
        bypass_input.gateway_max_early_dialogs as gateway_limit,
        coalesce(bypass_input.configuration_problem, bypass_input.trunk_problem, 'the trunk is not known') as why_no_limit,
        list_concat(bypass_input.trunk_evidence, bypass_input.gateway_evidence) as lines
    from forked_leg
    left join bypass_input using (call_no)
),

shown as (
    select
        dialog.leg_id,
        list({
            'message_id': dialog.first_id,
            'note': format('{} opens early dialog {}, To tag {}', dialog.first_status, dialog.ordinal, dialog.to_tag)
        } order by dialog.ordinal) as evidence
    from dialog
    inner join forked_leg using (leg_id)
    where dialog.is_early
    group by dialog.leg_id
)

select
    limited.leg_id as subject_id,
    limited.call_no,
    limited.peer_ip as peer,
    case
        when limited.invited_by = 'unknown' or limited.is_merged then 'unknown'
        when limited.early_dialogs > least(limited.trunk_limit, limited.gateway_limit) then 'fail'
        when limited.trunk_limit is null then 'unknown'
        else 'pass'
    end as status,
    concat(limited.early_dialogs, ' early dialogs', case
        when limited.is_merged
            then format(
                ' here, but {} behind the Mediation Server: something in between merges them, and what the peer would take cannot be seen',
                limited.forked_behind
            )
        when limited.invited_by = 'unknown' then ', but which end is the peer is not known: name the Mediation Servers in a configuration'
        when limited.early_dialogs > limited.gateway_limit
            then format('; the entry for {} says it can take {}', limited.gateway, limited.gateway_limit)
        when limited.trunk_limit is null then ', but no limit is known: ' || limited.why_no_limit
        else format('; trunk {} has {}', limited.trunk, limited.trunk_words)
    end) as reason,
    list_concat(shown.evidence, limited.lines) as evidence
from limited
left join shown using (leg_id)
