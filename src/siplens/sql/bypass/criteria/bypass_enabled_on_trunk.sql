/*
criterion = "bypass_enabled_on_trunk"
title = "Media bypass is enabled on the trunk"
document = "New-CsTrunkConfiguration, EnableBypass"
requirement = "switches"
*/
select
    call_no,
    case
        when configuration_problem is not null or trunk_problem is not null then 'unknown'
        when enable_bypass then 'pass'
        else 'fail'
    end as outcome,
    coalesce(configuration_problem, trunk_problem, 'trunk ' || trunk || ': ' || enable_bypass_words) as detail,
    list_concat(trunk_evidence, gateway_evidence, []) as evidence
from bypass_input
where mode = 'server'
