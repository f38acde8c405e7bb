/* One row per rule of its latest run: how many subjects passed, failed, could not be decided. */
select
    rule_id,
    passed,
    failed,
    unknown,
    run_id
from rule_count
qualify run_id = max(run_id) over (partition by rule_id)
order by rule_id
