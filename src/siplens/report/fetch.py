"""Runs the queries of report/sql. Python reads rows here; what they mean is said in the .sql files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from siplens.store import Store

Row = dict[str, Any]
"""One row of a query, by column name."""

_FOLDER = Path(__file__).with_name("sql")


@cache
def query_text(name: str) -> str:
    """The text of report/sql/<name>.sql."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8").strip().rstrip(";")


def fetch(store: Store, name: str, **params: object) -> list[Row]:
    """The rows of report/sql/<name>.sql with its $parameters bound."""
    columns, rows = store.query(query_text(name), params or None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def fetch_one(store: Store, name: str, **params: object) -> Row | None:
    """The first row of report/sql/<name>.sql, or None without rows."""
    rows = fetch(store, name, **params)
    return rows[0] if rows else None
