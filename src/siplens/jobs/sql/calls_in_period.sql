/* One row: how many calls began from $since until $until, how many judgements of them could not be made. */
with

chosen as (
    select call.call_no
    from call
    where
        ($since is null or call.started_ts >= $since)
        and ($until is null or call.started_ts < $until)
)

select
    (select count(*) from chosen)::integer as calls,
    (
        select count(*)
        from finding
        where
            finding.status = 'unknown'
            and finding.resolved_at is null
            and finding.call_no in (select chosen.call_no from chosen)
    )::integer as unknown
