"""siplens in a notebook: `siplens.open("siplens.duckdb").sql("select …").df()`.

Read-only, like `siplens sql`: it can neither change the database nor read other files.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from siplens.errors import QueryError
from siplens.pipeline.derive import open_derived
from siplens.report.calls import calls_query
from siplens.report.cookbook import find_question

if TYPE_CHECKING:
    import duckdb


class Database:
    """An open siplens database. Answers are DuckDB relations: `.df()` (pandas), `.pl()` (polars), `.arrow()`, `.fetchall()`, `.show()`."""

    def __init__(self, path: str | Path) -> None:
        """Opens the database at `path`, read-only; calls are derived first where something was ingested since. Raises StoreError."""
        self._store = open_derived(Path(path))

    def sql(self, statement: str, params: list[Any] | dict[str, Any] | None = None) -> duckdb.DuckDBPyRelation:
        """The rows of one SELECT; `params` are bound to its ? or $names. `@name` runs a query of the cookbook. Raises QueryError."""
        import duckdb

        text = find_question(statement[1:].strip()).sql if statement.lstrip().startswith("@") else statement
        try:
            relation = self._store.con.sql(text, params=params)
        except duckdb.Error as error:
            raise QueryError(str(error).strip()) from error
        if relation is None:
            raise QueryError("this statement gives no rows", hint="give a SELECT")
        return relation

    def calls(self, where: str | None = None) -> duckdb.DuckDBPyRelation:
        """Calls as `siplens calls` lists them; `where` is SQL over those columns."""
        return self.sql(calls_query(where))

    def tables(self) -> duckdb.DuckDBPyRelation:
        """All tables and views with what one row of each means."""
        return self.sql(
            "select table_name, comment as meaning from duckdb_tables() where not internal union all "
            "select view_name, comment from duckdb_views() where not internal order by table_name"
        )

    def __repr__(self) -> str:
        return f"siplens.open({str(self._store.path)!r})"

    def close(self) -> None:
        """Closes the database, so that others may write to it."""
        self._store.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
