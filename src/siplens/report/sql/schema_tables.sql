/* One row per table or view of the database, with what a row of it is. */
select
    table_name,
    estimated_size as rows_estimated,
    coalesce(comment, '') as meaning
from duckdb_tables()
where not internal

union all

select
    view_name as table_name,
    null as rows_estimated,
    coalesce(comment, '') as meaning
from duckdb_views()
where not internal
order by table_name
