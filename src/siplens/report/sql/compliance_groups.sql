/*
One row per scope and name: all calls from $since until $until, and those of each trunk, peer, client's site, and day by the clock of $zone;
how many were expected to bypass, and how many did. Shares have their 95 % Wilson interval.
*/
with

trunks as (
    select
        snapshot_id,
        peer_ip,
        mediation_ip,
        min(trunk) as trunk
    from bypass_peer
    group by snapshot_id, peer_ip, mediation_ip
),

sites as (
    select
        ip,
        min(site) as site
    from host_place
    group by ip
),

facts as (
    select
        time_bucket(interval 15 minutes, call.started_ts) as quarter,
        coalesce(peer_identity.peer, call.peer_ip, '(no peer seen)') as peer,
        coalesce(trunks.trunk, '(no trunk known)') as trunk,
        coalesce(sites.site, '(no site known)') as site,
        bypass_verdict.expected,
        bypass_verdict.observed
    from call
    inner join bypass_verdict using (call_no)
    left join bypass_fact using (call_no)
    left join config_in_force using (call_no)
    left join trunks
        on
            config_in_force.snapshot_id = trunks.snapshot_id
            and call.peer_ip = trunks.peer_ip
            and call.mediation_ip is not distinct from trunks.mediation_ip
    left join peer_identity on call.peer_ip = peer_identity.peer_ip
    left join sites on coalesce(bypass_fact.client_address, call.client_media_ip, call.client_ip) = sites.ip
    where ($since is null or call.started_ts >= $since) and ($until is null or call.started_ts < $until)
),

-- Few rows are left of many calls: what follows is quick.
combined as (
    select
        grouping(trunk) = 1 as is_of_day,
        quarter,
        peer,
        trunk,
        site,
        expected,
        observed,
        count(*) as calls
    from facts
    group by grouping sets ((expected, observed, quarter), (expected, observed, peer, trunk, site))
),

placed as (
    select
        expected,
        observed,
        calls,
        unnest([
            { 'scope': 'all', 'name': 'all calls' },
            { 'scope': 'trunk', 'name': trunk },
            { 'scope': 'peer', 'name': peer },
            { 'scope': 'site', 'name': site }
        ]) as place
    from combined
    where not is_of_day
    union all
    -- Days begin at a quarter of an hour of UTC in every time zone.
    select
        expected,
        observed,
        calls,
        {
            'scope': 'day',
            'name': coalesce(cast(cast(timezone($zone, timezone('UTC', quarter)) as date) as varchar), '(no time)')
        } as place
    from combined
    where is_of_day
),

counted as (
    select
        place.scope as scope,
        place.name as name,
        sum(calls) as calls,
        sum(calls) filter (where expected = 'pass') as expected,
        sum(calls) filter (where expected = 'pass' and observed = 'pass') as expected_bypassed,
        sum(calls) filter (where expected = 'pass' and observed = 'fail') as expected_mediated,
        sum(calls) filter (where expected = 'pass' and observed = 'unknown') as expected_unseen,
        sum(calls) filter (where expected = 'fail') as not_expected,
        sum(calls) filter (where expected = 'fail' and observed = 'pass') as direct_against_policy,
        sum(calls) filter (where expected = 'unknown') as expectation_unknown,
        sum(calls) filter (where expected = observed and expected <> 'unknown') as as_expected,
        sum(calls) filter (where expected <> observed and expected <> 'unknown' and observed <> 'unknown') as otherwise,
        sum(calls) filter (where 'unknown' in (expected, observed)) as unknown
    from placed
    group by place
),

whole as (
    select
        scope,
        name,
        columns(* exclude (scope, name))::bigint
    from (
        select
            scope,
            name,
            coalesce(columns(* exclude (scope, name)), 0)
        from counted
    ) as filled
)

select
    *,
    as_expected / nullif(as_expected + otherwise, 0) as rate,
    wilson_low(as_expected, as_expected + otherwise) as low,
    wilson_high(as_expected, as_expected + otherwise) as high,
    unknown / nullif(calls, 0) as unknown_share
from whole
order by
    list_position(['all', 'day', 'trunk', 'site', 'peer'], scope) asc,
    if(scope = 'day', name, null) asc,
    otherwise desc,
    calls desc,
    name asc
