/* One row per ingested file, in order of ingest, with what it brought. */
select
    source.*,
    regexp_extract(source.path, '[^/\\]+$') as file,
    (select count(*) from message where message.source_id = source.source_id) as messages,
    (select count(*) from media_flow where media_flow.source_id = source.source_id) as flows
from source
order by source.source_id
