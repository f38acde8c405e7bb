/* One row per waiver, those in force first. */
with

covered as (
    select
        waiver.waiver_id,
        count(*) as findings,
        if(count(*) = 1, any_value(finding.finding_id), null) as finding_id
    from waiver
    inner join finding
        on
            waiver.rule_id = finding.rule_id
            and coalesce(waiver.fingerprint = finding.fingerprint, true)
            and coalesce(waiver.peer = finding.peer, waiver.peer is null)
    where finding.resolved_at is null
    group by waiver.waiver_id
)

select
    waiver.waiver_id,
    waiver.rule_id,
    waiver.peer,
    covered.finding_id,
    coalesce(covered.findings, 0) as findings,
    waiver.until,
    case
        when waiver.lifted_at is not null then 'taken back'
        when waiver.until <= cast(now() at time zone 'UTC' as timestamp) then 'over'
        else 'in force'
    end as state,
    waiver.reason,
    waiver.made_at
from waiver
left join covered on waiver.waiver_id = covered.waiver_id
order by state = 'in force' desc, waiver.until asc, waiver.waiver_id asc
