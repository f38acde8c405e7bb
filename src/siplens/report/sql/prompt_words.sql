/* One row per word that the prompt of siplens sql completes: tables and columns of siplens, DuckDB's keywords and functions. */
select table_name as word
from duckdb_columns()
where schema_name = 'main' and not internal
union
select column_name as word
from duckdb_columns()
where schema_name = 'main' and not internal
union
select keyword_name as word
from duckdb_keywords()
union
select function_name as word
from duckdb_functions()
where regexp_matches(function_name, '^[a-z][a-z0-9_]+$') and function_type in ('scalar', 'aggregate')
order by word
