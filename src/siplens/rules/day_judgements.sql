/* Adds the rule's counts per day to judgement_day; day NULL: of subjects that have no day of their own, such as a peer. */
insert into judgement_day
with

judged as (
    select
        -- A number where the subject is a call, leg, dialog or source; what has no day need not have one.
        try_cast(subject_id as bigint) as number,
        status
    from rule_result
),

dated as (
    select
        number,
        day
    from subject_day
    where subject = $subject
)

select
    $rule_id as rule_id,
    dated.day,
    count(*) filter (where judged.status = 'pass') as passed,
    count(*) filter (where judged.status = 'fail') as failed,
    count(*) filter (where judged.status = 'unknown') as undecided
from judged
left join dated on judged.number = dated.number
group by dated.day
