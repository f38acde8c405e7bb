/*
id = "CFG001"
title = "Bypass is switched on for a trunk that cannot bypass"
severity = "high"
status = "stable"
subject = "trunk"
meaning = """
EnableBypass is True in a trunk configuration whose other settings rule bypass out: the global switch is off, ConcentratedTopology is
False, or EnableReferSupport is False while RTCPActiveCalls or RTCPCallsOnHold is True. Judged are trunk configurations with EnableBypass
True in the newest configuration; a property that the file leaves out has Microsoft's default."""
impact = """
People believe that calls bypass the Mediation Server, plan its capacity and the network links accordingly, and none ever does."""
causes = [
    "The trunk was switched on, and the global setting was forgotten.",
    "REFER support was turned off for a peer that lacks it, and RTCP left on.",
]
confirm = [
    "Get-CsTrunkConfiguration: EnableBypass, ConcentratedTopology, EnableReferSupport, RTCPActiveCalls, RTCPCallsOnHold.",
    "Get-CsNetworkConfiguration: MediaBypassSettings.Enabled.",
]
fix = [
    "Set-CsNetworkMediaBypassConfiguration -Enabled $true, where bypass is wanted.",
    "Set ConcentratedTopology to True for trunks that end on one gateway.",
    "Turn EnableReferSupport on, or RTCPActiveCalls and RTCPCallsOnHold off.",
]
falsepositives = [
    "The configuration imported is incomplete: siplens then takes Microsoft's defaults.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, EnableBypass and EnableReferSupport",
    "Microsoft: New-CsNetworkMediaBypassConfiguration, Enabled",
]
*/
with

setting as (
    select
        snapshot_id,
        bool_or(coalesce(enabled, false)) as is_enabled
    from bypass_settings
    group by snapshot_id
),

switched_on as (
    select
        trunk.identity,
        trunk.source_id,
        trunk.line,
        setting.is_enabled,
        not coalesce(trunk.concentratedtopology, true) as is_spread,
        not coalesce(trunk.enablerefersupport, true)
        and (coalesce(trunk.rtcpactivecalls, true) or coalesce(trunk.rtcpcallsonhold, true)) as is_refer_trouble
    from trunk
    left join setting using (snapshot_id)
    where trunk.enablebypass and trunk.snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

judged as (
    select
        identity,
        any_value(source_id) as source_id,
        any_value(line) as line,
        any_value(is_enabled) as is_enabled,
        bool_or(is_spread) as is_spread,
        bool_or(is_refer_trouble) as is_refer_trouble
    from switched_on
    group by identity
)

select
    identity as subject_id,
    case
        when is_spread or is_refer_trouble or not is_enabled then 'fail'
        when is_enabled is null then 'unknown'
        else 'pass'
    end as status,
    case
        when not (is_spread or is_refer_trouble) and is_enabled then 'bypass is on, and nothing in the trunk configuration rules it out'
        when not (is_spread or is_refer_trouble) and is_enabled is null
            then 'bypass is on for the trunk; the global switch (MediaBypassSettings) was not imported'
        else 'EnableBypass True, but ' || concat_ws(
            ', and ',
            if(not is_enabled, 'MediaBypassSettings has Enabled False', null),
            if(is_spread, 'ConcentratedTopology is False', null),
            if(is_refer_trouble, 'EnableReferSupport is False with RTCPActiveCalls or RTCPCallsOnHold True', null)
        )
    end as reason,
    [{ 'source_id': source_id, 'line': line, 'note': 'trunk ' || identity }] as evidence
from judged
