/* What could each source not show? Read this before you trust a silence. */
select
    regexp_extract(source.path, '[^/\\]+$') as file,
    capture_health.check_name,
    capture_health.amount,
    capture_health.frame,
    capture_health.detail
from capture_health
inner join source using (source_id)
order by file, capture_health.check_name
