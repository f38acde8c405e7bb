/*
One row per set of reasons why calls from $since until $until could not be judged, most frequent first: the criteria that are open, and
what is not known of the media path. call_nos: the first $most of them.
*/
with

chosen as (
    select
        bypass_verdict.call_no,
        if(bypass_verdict.expected = 'unknown', bypass_verdict.open_criteria, []) as open_criteria,
        case
            when bypass_verdict.observed <> 'unknown' then null
            when call.answered_ts is null then 'the call was not answered'
            else coalesce(media_path.observed, 'unseen')
        end as media
    from bypass_verdict
    inner join call using (call_no)
    left join media_path using (call_no)
    where
        bypass_verdict.verdict = 'unknown'
        and ($since is null or call.started_ts >= $since)
        and ($until is null or call.started_ts < $until)
)

select
    open_criteria,
    media,
    count(*) as calls,
    min(call_no, $most) as call_nos
from chosen
group by open_criteria, media
order by calls desc, call_nos asc
