/* Keeps a waiver of the one finding $finding_id. */
insert into waiver by name
select
    finding.rule_id,
    finding.fingerprint,
    $reason as reason,
    cast($now as timestamp) as made_at,
    cast($until as timestamp) as until,
    (select coalesce(max(waiver.waiver_id), 0) + 1 from waiver) as waiver_id
from finding
where finding.finding_id = $finding_id
