/* One row per weakness of a source's evidence: what it could not show. */
select
    regexp_extract(source.path, '[^/\\]+$') as file,
    capture_health.check_name,
    capture_health.amount,
    capture_health.frame,
    cast(null as bigint) as line,
    capture_health.detail
from capture_health
inner join source using (source_id)
order by source.source_id, capture_health.check_name
