/* Calls about which the rule $rule has a standing finding that failed. */
select call_no
from finding
where rule_id = $rule and status = 'fail' and resolved_at is null and call_no is not null
