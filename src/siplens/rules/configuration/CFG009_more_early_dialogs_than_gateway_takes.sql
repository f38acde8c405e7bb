/*
id = "CFG009"
title = "MaxEarlyDialogs is higher than what the gateway takes"
severity = "medium"
status = "stable"
subject = "gateway"
meaning = """
The trunk configuration that applies to a gateway allows more early dialogs than its entry says it can take, or than products of its
vendor take by the vendor table (vendor_in_force): siplens' own list, and any vendors: of the configuration before it. Judged are
gateways of the newest configuration with an entry, or whose vendor, configured or known by a User-Agent seen, has a limit."""
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
*/
with

gateways as (
    select *
    from gateway
    where snapshot_id = (select newest.snapshot_id from newest_configuration as newest)
),

addresses as (
    select
        identity,
        unnest(addresses) as ip
    from gateways
),

agents as (
    select
        addresses.identity,
        string_agg(distinct host.agent, ' ') as agent
    from addresses inner join host on addresses.ip = host.ip
    group by addresses.identity
),

-- Of several texts that match, the longest counts; a vendor without a limit keeps none.
limits as (
    select
        gateways.identity,
        arg_max(vendor_in_force.vendor, len(vendor_in_force.match)) as vendor,
        arg_max_null(vendor_in_force.max_early_dialogs, len(vendor_in_force.match)) as vendor_limit,
        arg_max(vendor_in_force.document, len(vendor_in_force.match)) as document,
        arg_max(vendor_in_force.evidence, len(vendor_in_force.match)) as evidence
    from gateways
    left join agents on gateways.identity = agents.identity
    inner join vendor_in_force
        on
            gateways.snapshot_id = vendor_in_force.snapshot_id
            and contains(lower(concat_ws(' ', gateways.vendor, agents.agent)), vendor_in_force.match)
    group by gateways.identity
),

-- The narrowest scope applies: service, site, global.
applying as (
    select
        gateways.identity,
        any_value(gateways.source_id) as source_id,
        any_value(gateways.line) as line,
        any_value(gateways.maxearlydialogs) as own_limit,
        arg_min(
            coalesce(trunk.maxearlydialogs, if(trunk.identity is not null, 20, null)),
            if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))
        )
            as allowed,
        arg_min(trunk.source_id, if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))) as trunk_source_id,
        arg_min(trunk.line, if(trunk.identity ilike 'service:%', 1, if(trunk.identity ilike 'site:%', 2, 3))) as trunk_line
    from gateways
    left join trunk
        on
            gateways.snapshot_id = trunk.snapshot_id
            and lower(trunk.identity) in (
                'global', 'site:' || lower(gateways.siteid), 'service:pstngateway:' || lower(gateways.identity)
            )
    group by gateways.identity
),

judged as (
    select
        applying.*,
        limits.vendor,
        limits.document,
        if(applying.own_limit is null, limits.evidence, null) as vendor_evidence,
        coalesce(applying.own_limit, limits.vendor_limit) as taken,
        case
            when applying.allowed is null then 'unknown'
            when applying.allowed > coalesce(applying.own_limit, limits.vendor_limit) then 'fail'
            else 'pass'
        end as status
    from applying
    left join limits on applying.identity = limits.identity
    where coalesce(applying.own_limit, limits.vendor_limit) is not null
)

select
    identity as subject_id,
    identity as peer,
    status,
    case
        when allowed is null then format('gateway {} takes {} early dialogs; no trunk configuration for it was imported', identity, taken)
        else concat(
            format('MaxEarlyDialogs {}, while gateway {} takes {}', allowed, identity, taken),
            if(own_limit is null, ' by its vendor (' || vendor || ': ' || document || ')', ' by its entry')
        )
    end as reason,
    list_concat(
        [
            { 'source_id': source_id, 'frame': null::bigint, 'line': line, 'note': 'gateway ' || identity },
            { 'source_id': trunk_source_id, 'frame': null::bigint, 'line': trunk_line, 'note': 'trunk configuration that applies' }
        ],
        vendor_evidence
    ) as evidence
from judged
