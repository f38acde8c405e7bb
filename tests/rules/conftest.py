"""A database with every raw and derived table, empty, that fixtures fill with the few rows they need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from siplens.pipeline.derive import derive, views_as_tables
from siplens.resources import sql_files
from siplens.store import Store, memory_store

DAY = "2026-03-03 "
"""Fixtures write times of day; all happens on one day."""

Rows = dict[str, list[dict[str, Any]]]
"""Table → rows → column → value. A column left out is NULL. `frames`: numbers of messages, see frame_row.

`derive`: steps of the derivation that run on these rows, where a rule reads what they make."""


@pytest.fixture(scope="session")
def derived_store() -> Iterator[Store]:
    """The tables as the derivation makes them from nothing: fixtures cannot drift from what rules will meet."""
    with memory_store() as store:
        derive(store)
        views_as_tables(store)
        yield store


@pytest.fixture
def tables(derived_store: Store) -> Iterator[Store]:
    """The same store for one test, emptied afterwards."""
    yield derived_store
    names = [row[0] for row in derived_store.query("select table_name from duckdb_tables() where table_name <> 'store_info'").rows]
    counts = derived_store.query(" union all ".join(f"select '{name}', exists (from \"{name}\")" for name in names))
    for name, is_filled in counts.rows:
        if is_filled:
            derived_store.con.execute(f'DELETE FROM "{name}"')


@pytest.fixture
def fill(tables: Store) -> Callable[[Rows | Path], None]:
    """Inserts rows, given as a dictionary or as a fixture file in YAML."""

    def insert(given: Rows | Path) -> None:
        rows_of = dict(yaml.safe_load(given.read_text(encoding="utf-8")) if isinstance(given, Path) else given)
        steps = rows_of.pop("derive", [])
        rows_of["message"] = [*rows_of.get("message", []), *(frame_row(number) for number in rows_of.pop("frames", []))]
        for table, rows in rows_of.items():
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                marks = ", ".join("?" for _ in row)
                values = [on_the_day(name, value) for name, value in row.items()]
                tables.con.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)
        for path in sql_files("sql", "derive"):
            if path.stem in steps:
                tables.con.execute(path.read_text(encoding="utf-8"))

    return insert


def frame_row(number: Any) -> dict[str, Any]:
    """`frames: [7]` in a fixture stands for a message of which a rule only needs the place: message 7 is in frame 7 of source 1."""
    return {"message_id": number, "source_id": 1, "frame": number}


def on_the_day(column: str, value: Any) -> Any:
    """A time of day in a column of times becomes a time; other values stay."""
    is_time = column.split("_")[-1] == "ts" and isinstance(value, str)
    return DAY + value if is_time else value
