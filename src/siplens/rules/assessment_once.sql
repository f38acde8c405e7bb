/* bypass_assessment, a view that puts words and evidence together for each who asks, as a table for one run of rules. */
create or replace temp table bypass_assessment as
from bypass_assessment
