/* One row per word of the product on bypass and what siplens observed, with the number of calls: a confusion matrix. */
select
    bypass_ground_truth.reported,
    bypass_ground_truth.observed,
    bypass_ground_truth.agreement,
    count(*) as calls,
    min(bypass_ground_truth.call_no) as example_call
from bypass_ground_truth
group by bypass_ground_truth.reported, bypass_ground_truth.observed, bypass_ground_truth.agreement
order by list_position(['pass', 'fail', 'unknown'], bypass_ground_truth.reported), bypass_ground_truth.observed
