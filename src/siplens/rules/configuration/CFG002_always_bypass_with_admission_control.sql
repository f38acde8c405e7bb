/*
id = "CFG002"
title = "Always Bypass together with call admission control"
severity = "high"
status = "stable"
subject = "configuration"
meaning = """
Always Bypass puts all subnets under one bypass ID; call admission control (EnableBandwidthPolicyCheck) needs regions and sites to count
calls by. Microsoft does not allow both. Judged is the newest configuration, where bypass is on."""
impact = """
Calls that bypass are not counted by admission control: narrow links fill up with media that the policy was to keep off them."""
causes = [
    "Always Bypass was chosen for a test and left on.",
    "Admission control was switched on later by somebody else.",
]
confirm = [
    "Get-CsNetworkConfiguration: MediaBypassSettings.AlwaysBypass and EnableBandwidthPolicyCheck.",
]
fix = [
    "Use site and region information instead of Always Bypass, or switch admission control off.",
]
falsepositives = [
    "The two settings come from exports of different days.",
]
references = [
    "Microsoft: Plan for media bypass in Skype for Business, media bypass modes",
    "Microsoft: Set-CsNetworkConfiguration, EnableBandwidthPolicyCheck",
]
*/
with

judged as (
    select
        any_value(source_id) as source_id,
        any_value(line) as line,
        bool_or(coalesce(alwaysbypass, false)) as is_always,
        bool_or(enablebandwidthpolicycheck) as is_controlled
    from bypass_settings
    where enabled and snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
    having count(*) > 0
)

select
    'MediaBypassSettings' as subject_id,
    case
        when not is_always or not is_controlled then 'pass'
        when is_controlled then 'fail'
        else 'unknown'
    end as status,
    case
        when not is_always then 'bypass goes by site and region'
        when is_controlled is null then 'AlwaysBypass True; whether admission control is on (EnableBandwidthPolicyCheck) was not imported'
        when is_controlled then 'AlwaysBypass True and EnableBandwidthPolicyCheck True'
        else 'AlwaysBypass True, and admission control is off'
    end as reason,
    [{ 'source_id': source_id, 'line': line, 'note': 'MediaBypassSettings' }] as evidence
from judged
