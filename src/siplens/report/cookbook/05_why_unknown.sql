/* Why could the verdict of a call not be given? */
select
    bypass_assessment.unknown_reason,
    count(*) as calls,
    min(bypass_assessment.call_no) as example_call
from bypass_assessment
where bypass_assessment.verdict = 'unknown'
group by all
order by calls desc, bypass_assessment.unknown_reason asc
