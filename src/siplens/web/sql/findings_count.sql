/* One row: how many standing findings have the status $status, of the rule $rule (NULL: of any). */
select count(*) as findings
from finding
where resolved_at is null and status = $status and ($rule is null or rule_id = $rule)
