/*
id = "CFG009"
title = "MaxEarlyDialogs is higher than what the gateway takes"
severity = "medium"
status = "stable"
subject = "gateway"
meaning = """
The trunk configuration that applies to a gateway allows more early dialogs than its entry says it can take, or than products of its
vendor take by their documentation (vendor_patterns and vendor_limits, to be changed in siplens.toml). Judged are gateways of the newest
configuration with a limit or a vendor."""
impact = """
Calls that fork further than the gateway can follow are dropped or ring in part, and only calls to people with many endpoints show it."""
causes = [
    "MaxEarlyDialogs has its default of 20, and the gateway takes fewer.",
    "The limit was raised for one gateway, and the trunk configuration is global.",
]
confirm = [
    "Get-CsTrunkConfiguration: MaxEarlyDialogs of the scope that applies.",
    "The vendor's manual; and siplens peers: what the gateway took.",
]
fix = [
    "Lower MaxEarlyDialogs of the trunk to what the gateway takes.",
]
falsepositives = [
    "The entry or the vendor's limit is out of date.",
]
references = [
    "Microsoft: New-CsTrunkConfiguration, MaxEarlyDialogs (default 20)",
    "AudioCodes gateways: up to 20 forking responses per INVITE",
]
[params]
vendor_patterns = ["audiocodes|mediant"]
vendor_limits = [20]
*/
with

vendor as (
    select
        unnest($vendor_patterns) as pattern,
        unnest($vendor_limits) as vendor_limit
),

-- The narrowest scope applies: service, site, global.
applying as (
    select
        gateway.identity,
        any_value(gateway.source_id) as source_id,
        any_value(gateway.line) as line,
        any_value(gateway.vendor) as vendor,
        any_value(gateway.maxearlydialogs) as own_limit,
        min(vendor.vendor_limit) as vendor_limit,
        arg_min(
            coalesce(trunk.maxearlydialogs, if(trunk.identity is not null, 20, null)),
            if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))
        )
            as allowed,
        arg_min(trunk.source_id, if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))) as trunk_source_id,
        arg_min(trunk.line, if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))) as trunk_line
    from gateway
    left join vendor on regexp_matches(lower(gateway.vendor), vendor.pattern)
    left join trunk
        on
            gateway.snapshot_id = trunk.snapshot_id
            and lower(trunk.identity) in (
                'global', 'site:' || lower(gateway.siteid), 'service:pstngateway:' || lower(gateway.identity)
            )
    where gateway.snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
    group by gateway.identity
),

judged as (
    select
        *,
        coalesce(own_limit, vendor_limit) as taken,
        case
            when allowed is null then 'unknown'
            when allowed > taken then 'fail'
            else 'pass'
        end as status
    from applying
    where coalesce(own_limit, vendor_limit) is not null
)

select
    identity as subject_id,
    identity as peer,
    status,
    case
        when allowed is null then format('gateway {} takes {} early dialogs; no trunk configuration for it was imported', identity, taken)
        else concat(
            format('MaxEarlyDialogs {}, while gateway {} takes {}', allowed, identity, taken),
            if(own_limit is null, ' by its vendor (' || vendor || ')', ' by its entry')
        )
    end as reason,
    [
        { 'source_id': source_id, 'line': line, 'note': 'gateway ' || identity },
        { 'source_id': trunk_source_id, 'line': trunk_line, 'note': 'trunk configuration that applies' }
    ] as evidence
from judged
