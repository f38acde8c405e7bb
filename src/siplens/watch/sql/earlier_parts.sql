/* Files ingested that may be the first part of the file at $path, which has $size bytes now: of its name, or renamed since. */
select distinct
    source.source_id,
    source.sha256,
    source.size_bytes
from source
left join watched_file using (source_id)
where
    source.size_bytes < $size
    and (source.path = $path or (watched_file.inode = $inode and $inode <> 0))
order by source.size_bytes desc
