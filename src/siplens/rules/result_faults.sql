/* The first thing wrong with the rows of rule_result, in words, with advice; no row where all is well. */
with

faults as (
    select
        1 as severity_order,
        'a row of the result has no subject_id' as fault,
        'return one row per subject judged' as advice
    from rule_result
    where subject_id is null
    union all
    select
        2 as severity_order,
        format('status {} for subject {} is not pass, fail or unknown', coalesce('''' || status || '''', 'NULL'), subject_id) as fault,
        'a subject that the evidence cannot decide is unknown, and the reason says why' as advice
    from rule_result
    where status is null or status not in ('pass', 'fail', 'unknown')
    union all
    select
        3 as severity_order,
        format('subject {} is {} without a reason', subject_id, status) as fault,
        'say why in the column reason' as advice
    from rule_result
    where status in ('fail', 'unknown') and coalesce(trim(reason), '') = ''
    union all
    select
        4 as severity_order,
        format('subject {} is judged {} times', subject_id, count(*)) as fault,
        'return one row per subject: group by it' as advice
    from rule_result
    group by subject_id
    having count(*) > 1
)

select
    fault,
    advice
from faults
order by severity_order, fault
limit 1
