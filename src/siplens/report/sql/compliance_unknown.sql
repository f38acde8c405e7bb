/*
One row per reason why bypass of calls from $since until $until could not be judged, most frequent first: a criterion that could not be
judged, or a media path that was not seen. A call with several reasons counts under each.
*/
with

chosen as (
    select
        bypass_verdict.call_no,
        bypass_verdict.expected,
        bypass_verdict.observed,
        bypass_verdict.open_criteria,
        call.answered_ts,
        config_in_force.snapshot_id
    from bypass_verdict
    inner join call using (call_no)
    left join config_in_force using (call_no)
    where
        bypass_verdict.verdict = 'unknown'
        and ($since is null or call.started_ts >= $since)
        and ($until is null or call.started_ts < $until)
),

open_question as (
    select
        call_no,
        unnest(open_criteria) as criterion
    from chosen
    where expected = 'unknown' and snapshot_id is not null
),

unseen_path as (
    select
        chosen.call_no,
        case
            when chosen.answered_ts is null then 'the call was not answered'
            when media_path.observed = 'unknown' then 'RTP between hosts whose roles are not known'
            when media_path.observed = 'one_way' then 'RTP in one direction only, whose path cannot be told'
            else coalesce(media_path.observed_reason, 'nothing shows its media')
        end as words
    from chosen
    left join media_path using (call_no)
    where chosen.observed = 'unknown'
),

snapshots as (
    select count(*) as snapshots
    from config_snapshot
),

-- Then every criterion that looks at the configuration is open: one reason, not ten.
unconfigured as (
    select
        chosen.call_no,
        if(snapshots.snapshots = 0, 'no configuration was imported', 'no configuration was in force when the call began') as words
    from chosen
    cross join snapshots
    where chosen.expected = 'unknown' and chosen.snapshot_id is null
),

reason as (
    select
        'bypass expected' as about,
        open_question.criterion,
        'not told whether: ' || coalesce(criterion.title, open_question.criterion) as words,
        open_question.call_no
    from open_question
    left join criterion on open_question.criterion = criterion.criterion
    union all
    select
        'bypass expected' as about,
        null as criterion,
        words,
        call_no
    from unconfigured
    union all
    select
        'bypass observed' as about,
        null as criterion,
        words,
        call_no
    from unseen_path
)

select
    about,
    criterion,
    words,
    count(*) as calls,
    min(call_no) as example_call
from reason
group by about, criterion, words
order by calls desc, about asc, words asc
