/* Adds the rule's counts per day to judgement_day; day NULL: of subjects that have no day of their own, such as a peer. */
insert into judgement_day
with

judged as (
    select
        $subject as subject,
        cast(subject_id as varchar) as subject_id,
        status
    from rule_result
)

select
    $rule_id as rule_id,
    subject_day.day,
    count(*) filter (where judged.status = 'pass') as passed,
    count(*) filter (where judged.status = 'fail') as failed,
    count(*) filter (where judged.status = 'unknown') as undecided
from judged
left join subject_day using (subject, subject_id)
group by subject_day.day
