/* What a prune keeps, as tables: calls that ended at or after the variable before, their flows, files, and where evidence begins. */
create or replace temp table kept_call as
with

signalled as (
    select
        call_leg.call_no,
        max(leg_message.ts) as last_ts
    from live.call_leg
    inner join live.leg_message using (leg_id)
    group by call_leg.call_no
),

spoken as (
    select
        call_flow.call_no,
        max(media_flow.last_ts) as last_ts
    from live.call_flow
    inner join live.media_flow using (flow_id)
    group by call_flow.call_no
)

select
    call.call_no,
    call.started_ts
from live.call
left join signalled using (call_no)
left join spoken using (call_no)
where coalesce(greatest(call.started_ts, signalled.last_ts, spoken.last_ts) >= getvariable('before'), true);

create or replace temp table kept_flow as
select distinct flow_id
from live.call_flow
where call_no in (select kept_call.call_no from kept_call);

create or replace temp table kept_source as
select source_id
from live.source
where coalesce(last_ts, ingested_at) >= getvariable('before');

create or replace temp table kept_from as
select
    getvariable('before') as before,
    coalesce(least(min(started_ts), getvariable('before')), getvariable('before')) as oldest
from kept_call
