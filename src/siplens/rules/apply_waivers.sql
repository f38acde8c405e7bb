/* Sets waived_until and waive_reason of all findings by the waivers in force: of several, the one that lasts longest counts. */
with

waived as (
    select
        finding.finding_id,
        max(waiver.until) as until,
        max_by(waiver.reason, waiver.until) as reason
    from finding
    left join waiver
        on
            finding.rule_id = waiver.rule_id
            and coalesce(finding.fingerprint = waiver.fingerprint, true)
            and coalesce(finding.peer = waiver.peer, waiver.peer is null)
            and waiver.lifted_at is null
    group by finding.finding_id
)

update finding
set waived_until = waived.until, waive_reason = waived.reason
from waived
where finding.finding_id = waived.finding_id and finding.waived_until is distinct from waived.until
