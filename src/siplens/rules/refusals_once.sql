/* direct_refusal, a view that looks for each ICMP error's call, as a table for one run of rules. */
create or replace temp table direct_refusal as
from direct_refusal
