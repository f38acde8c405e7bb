/*
id = "CFG003"
title = "Subnets of different sites overlap"
severity = "medium"
status = "stable"
subject = "subnet"
meaning = """
Two configured subnets share addresses and belong to different sites: which site an endpoint is in then depends on the longer prefix,
or on chance where both are equally long. Judged are all subnets of the newest configuration that name a site."""
impact = """
Endpoints get the bypass ID, location and admission control of a site they are not in: calls bypass where they must not, or the other
way round."""
causes = [
    "A subnet was moved to another site and entered anew, without removing the old entry.",
    "A mask is too short.",
    "A summary route was entered beside its parts.",
]
confirm = [
    "Get-CsNetworkSubnet: both entries, with their MaskBits and NetworkSiteID.",
]
fix = [
    "Remove the wrong entry, or give it the right mask.",
    "Where a small subnet lies in a big one on purpose, waive this finding.",
]
falsepositives = [
    "A nested subnet entered on purpose, relying on the longest prefix.",
]
references = [
    "Microsoft: New-CsNetworkSubnet, SubnetID and MaskBits",
    "Microsoft: Plan for media bypass in Skype for Business",
]
*/
with

listed as (
    select
        subnetid || '/' || maskbits as subnet,
        networksiteid,
        first_num,
        last_num,
        source_id,
        line
    from network_subnet
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

overlap as (
    select
        listed.subnet,
        min(other_subnet.subnet || ' of site ' || other_subnet.networksiteid) as other_words,
        arg_min(other_subnet.source_id, other_subnet.line) as other_source_id,
        min(other_subnet.line) as other_line
    from listed
    inner join listed as other_subnet on listed.first_num <= other_subnet.last_num and listed.last_num >= other_subnet.first_num
    where lower(listed.networksiteid) <> lower(other_subnet.networksiteid)
    group by listed.subnet
),

judged as (
    select
        listed.subnet,
        any_value(listed.networksiteid) as site,
        any_value(listed.source_id) as source_id,
        any_value(listed.line) as line,
        any_value(overlap.other_words) as other_words,
        any_value(overlap.other_source_id) as other_source_id,
        any_value(overlap.other_line) as other_line
    from listed
    left join overlap using (subnet)
    group by listed.subnet
)

select
    subnet as subject_id,
    case
        when other_words is not null then 'fail'
        when site is null then 'unknown'
        else 'pass'
    end as status,
    case
        when other_words is not null then format('{} of site {} overlaps {}', subnet, site, other_words)
        when site is null then 'the subnet names no site'
        else 'shares no address with a subnet of another site'
    end as reason,
    [
        { 'source_id': source_id, 'line': line, 'note': 'subnet ' || subnet },
        { 'source_id': other_source_id, 'line': other_line, 'note': other_words }
    ] as evidence
from judged
