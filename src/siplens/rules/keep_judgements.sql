/* Adds to judgement the rows of rule_result that are not passes. Columns that a rule leaves out are NULL. */
insert into judgement
with

shaped as (
    select
        subject_id,
        call_no,
        peer,
        status,
        reason,
        evidence
    from judgement
    where false
    union all by name
    select *
    from rule_result
    where status <> 'pass'
)

select
    $rule_id as rule_id,
    $severity as severity,
    $subject as subject,
    cast(subject_id as varchar) as subject_id,
    call_no,
    peer,
    status,
    reason,
    evidence
from shaped
