/* One row per trunk and per site of the client: calls, of how many bypass is expected before and after, and how many change. */
with

judged as (
    select
        coalesce(bypass_input.trunk, '(not known)') as trunk,
        coalesce(bypass_input.client_site, '(no site)') as site,
        before.expected as expected_before,
        after.expected as expected_after,
        after.observed
    from base.main.bypass_verdict as before
    inner join main.bypass_verdict as after on before.call_no = after.call_no
    left join main.bypass_input on before.call_no = bypass_input.call_no
),

placed as (
    select
        judged.expected_before,
        judged.expected_after,
        judged.observed,
        unnest([
            { 'scope': 'all', 'name': 'all calls' }, { 'scope': 'trunk', 'name': judged.trunk }, { 'scope': 'site', 'name': judged.site }
        ]) as place
    from judged
)

select
    placed.place.scope as scope,
    placed.place.name as name,
    count(*) as calls,
    count(*) filter (where placed.expected_before = 'pass') as expected_before,
    count(*) filter (where placed.expected_after = 'pass') as expected_after,
    count(*) filter (where placed.expected_after = 'unknown') as unknown_after,
    count(*) filter (where placed.expected_before <> placed.expected_after) as changed,
    count(*) filter (where placed.observed = 'pass') as bypassed
from placed
group by placed.place.scope, placed.place.name
order by list_position(['all', 'trunk', 'site'], placed.place.scope), name
