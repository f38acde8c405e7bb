/* One row per ingested file, in order of ingest, with what it brought. */
with

messages as (
    select
        source_id,
        count(*) as messages
    from message
    group by source_id
),

flows as (
    select
        source_id,
        count(*) as flows
    from media_flow
    group by source_id
)

select
    source.*,
    regexp_extract(source.path, '[^/\\]+$') as file,
    coalesce(messages.messages, 0) as messages,
    coalesce(flows.flows, 0) as flows
from source
left join messages using (source_id)
left join flows using (source_id)
order by source.source_id
