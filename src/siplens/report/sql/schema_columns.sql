/* One row per column of $table, with what it means. */
with

tables as (
    select
        table_name,
        comment
    from duckdb_tables()
    union all
    select
        view_name as table_name,
        comment
    from duckdb_views()
    where not internal
)

select
    duckdb_columns.column_name as "column",
    duckdb_columns.data_type as type,
    coalesce(duckdb_columns.comment, '') as meaning,
    coalesce(tables.comment, '') as table_meaning
from duckdb_columns()
left join tables using (table_name)
where lower(duckdb_columns.table_name) = $table and not duckdb_columns.internal
order by duckdb_columns.column_index
