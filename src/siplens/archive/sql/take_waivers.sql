/* Enters the waivers of the attached database `other` behind those that are here, under numbers of their own. One row per waiver. */
insert into waiver by name
with

highest as (
    select coalesce(max(waiver_id), 0) as waiver_id
    from waiver
)

select
    highest.waiver_id + row_number() over (order by theirs.waiver_id) as waiver_id,
    theirs.rule_id,
    theirs.peer,
    theirs.fingerprint,
    theirs.reason,
    theirs.made_at,
    theirs.until,
    theirs.lifted_at
from other.waiver as theirs
cross join highest
