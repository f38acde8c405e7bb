/* Adds the rule's counts to judgement_count. */
insert into judgement_count
select
    $rule_id as rule_id,
    count(*) filter (where status = 'pass') as passed,
    count(*) filter (where status = 'fail') as failed,
    count(*) filter (where status = 'unknown') as undecided
from rule_result
