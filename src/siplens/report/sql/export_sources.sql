/* One row per ingested file, with the shift of its clock against the reference clock. */
select
    source_id,
    sha256,
    path,
    regexp_extract(path, '[^/\\]+$') as file,
    kind,
    engine,
    size_bytes,
    label,
    coalesce(clock_offset_ms, 0) as clock_offset_ms
from source
order by source_id
