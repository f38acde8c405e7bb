/* Which criteria rule bypass out, in how many calls? A criterion that always says unknown tells which configuration is missing. */
select
    bypass_criterion.criterion,
    count(*) filter (where bypass_criterion.outcome = 'pass') as passed,
    count(*) filter (where bypass_criterion.outcome = 'fail') as failed,
    count(*) filter (where bypass_criterion.outcome = 'unknown') as unknown,
    min(bypass_criterion.detail) filter (where bypass_criterion.outcome = 'fail') as example
from bypass_criterion
group by all
order by failed desc, unknown desc, bypass_criterion.criterion asc
