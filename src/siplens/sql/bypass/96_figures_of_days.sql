/*
One row per day by the clock of the time zone, scope and measure: in how many of that day's calls something held, of those that could
be decided. A call counts on the day on which it began, once for all, once for its peer, once for its trunk and once for its client's site.

answered: of all calls. bypass_as_expected: of calls whose expectation and media path are both known. bypassed: of calls whose
media path is known. one_way: of answered calls whose media was seen.
*/
-- noqa: disable=LT02
create or replace macro figures_of_days(zone) as table
with

facts as (
    select
        -- Without a time zone no clock is asked: most often there is none.
        cast(if(zone = 'UTC', call.started_ts, timezone(zone, timezone('UTC', call.started_ts))) as date) as day, -- noqa: RF02
        coalesce(peer_identity.peer, call.peer_ip) as peer,
        bypass_input.trunk,
        host_place.site,
        coalesce(call.outcome = 'answered', false) as answered,
        bypass_verdict.verdict,
        bypass_verdict.observed,
        case when call.answered_ts is not null and media_path.observed not in ('none', 'unseen') then media_path.observed end as media
    from call
    left join bypass_verdict using (call_no)
    left join bypass_input using (call_no)
    left join media_path using (call_no)
    left join peer_identity on call.peer_ip = peer_identity.peer_ip
    left join host_place on coalesce(bypass_input.client_address, call.client_media_ip, call.client_ip) = host_place.ip
    where call.started_ts is not null
),

scoped as (
    select
        *,
        unnest([
            { 'scope': 'all', 'name': 'all calls' },
            { 'scope': 'peer', 'name': peer },
            { 'scope': 'trunk', 'name': trunk },
            { 'scope': 'site', 'name': site }
        ]) as place
    from facts
),

counted as (
    select
        scoped.day,
        place.scope as scope,
        place.name as name,
        count(*) as calls,
        count(*) filter (where answered) as answered,
        count(*) filter (where scoped.verdict = 'pass') as as_expected,
        count(*) filter (where scoped.verdict in ('pass', 'fail')) as decided,
        count(*) filter (where scoped.observed = 'pass') as bypassed,
        count(*) filter (where scoped.observed in ('pass', 'fail')) as seen,
        count(*) filter (where scoped.media = 'one_way') as one_way,
        count(*) filter (where scoped.media is not null) as heard
    from scoped
    where place.name is not null
    group by scoped.day, place.scope, place.name
),

measured as (
    select
        day,
        scope,
        name,
        unnest([
            { 'measure': 'answered', 'hits': answered, 'total': calls, 'unknown': 0 },
            { 'measure': 'bypass_as_expected', 'hits': as_expected, 'total': decided, 'unknown': calls - decided },
            { 'measure': 'bypassed', 'hits': bypassed, 'total': seen, 'unknown': calls - seen },
            { 'measure': 'one_way', 'hits': one_way, 'total': heard, 'unknown': answered - heard }
        ]) as figure
    from counted
)

select
    measured.day,
    measured.scope,
    measured.name,
    measured.figure.measure as measure,
    measured.figure.hits as hits,
    measured.figure.total as total,
    measured.figure.unknown as unknown
from measured;
