/*
criterion = "bypass_enabled_globally"
title = "Media bypass is enabled in the network configuration"
document = "New-CsNetworkMediaBypassConfiguration, Enabled"
requirement = "switches"
*/
select
    call_no,
    case
        when configuration_problem is not null or not has_settings then 'unknown'
        when enabled then 'pass'
        else 'fail'
    end as outcome,
    case
        when configuration_problem is not null then configuration_problem
        when not has_settings then 'the media bypass settings are not in the configuration'
        else 'MediaBypassSettings: ' || enabled_words
    end as detail,
    coalesce(settings_evidence, []) as evidence
from bypass_input
where mode = 'server'
