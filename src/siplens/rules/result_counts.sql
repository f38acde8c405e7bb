/* Counts the rows of rule_result by verdict, and what may be wrong with them. One row. */
select
    count(*) filter (where status = 'pass') as passed,
    count(*) filter (where status = 'fail') as failed,
    count(*) filter (where status = 'unknown') as undecided,
    count(*) as total,
    count(distinct subject_id) as subjects,
    count(*) filter (where status <> 'pass' and coalesce(trim(reason), '') = '') as without_reason,
    max(len(evidence)) as most_evidence
from rule_result
