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
        arg_max(
            {
                'vendor': vendor_in_force.vendor,
                'most': vendor_in_force.max_early_dialogs,
                'document': vendor_in_force.document,
                'evidence': vendor_in_force.evidence
            },
            len(vendor_in_force.match)
        ) as told
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
            { 'most': coalesce(trunk.maxearlydialogs, 20), 'source_id': trunk.source_id, 'line': trunk.line },
            list_position(['service', 'site', 'global'], lower(split_part(trunk.identity, ':', 1)))
        ) as narrowest
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
        limits.told.vendor,
        limits.told.document,
        if(applying.own_limit is null, limits.told.evidence, null) as vendor_evidence,
        applying.narrowest.most as allowed,
        applying.narrowest.source_id as trunk_source_id,
        applying.narrowest.line as trunk_line,
        coalesce(applying.own_limit, limits.told.most) as taken,
        case
            when allowed is null then 'unknown'
            when allowed > taken then 'fail'
            else 'pass'
        end as status
    from applying
    left join limits on applying.identity = limits.identity
    where coalesce(applying.own_limit, limits.told.most) is not null
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
