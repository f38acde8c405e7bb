"""Fixtures of rules: a few rows of the tables that a rule reads, and beside them the verdicts it must give.

A rule's fixtures lie in the folder tests/<ID> beside the rule: fires.yaml, silent.yaml, unknown.yaml, each with a .csv of subject,
status, reason and the places of its evidence. They run in a database in memory whose tables the derivation made, so that they cannot
drift from what rules meet.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import yaml

from siplens.errors import RuleError
from siplens.pipeline.derive import derive, views_as_tables
from siplens.resources import sql_files
from siplens.rules.rule import Rule
from siplens.rules.run import try_rule
from siplens.store import Store, memory_store

KINDS = ("fires", "silent", "unknown")
DAY = "2026-03-03 "
"""Fixtures write times of day; all happens on one day."""
COLUMNS = ("subject_id", "status", "reason", "places")
_SHAPE = "write table: then - {column: value} lines"

Rows = dict[str, list[dict[str, Any]]]
"""Table → rows → column → value; a column left out is NULL. Two keys are no tables. `frames`: numbers of messages of which a rule
needs only the place. `derive`: steps of the derivation that run on these rows, where a rule reads what they make."""


class Verdict(NamedTuple):
    """One row that a rule returned, or should have."""

    subject_id: str
    status: str
    reason: str
    places: str | None
    """Where its evidence lies: m7 is message 7, 1:12 frame 12 of source 1, 1:L3 its line 3. None in a file that leaves this out."""


@contextmanager
def fixture_store() -> Iterator[Store]:
    """A database in memory with every table, empty."""
    with memory_store() as store:
        derive(store)
        views_as_tables(store)
        yield store


def empty(store: Store) -> None:
    """Empties every table that a fixture filled."""
    names = [row[0] for row in store.query("select table_name from duckdb_tables() where table_name <> 'store_info'").rows]
    filled = store.query(" union all ".join(f"select '{name}', exists (from \"{name}\")" for name in names))
    for name, is_filled in filled.rows:
        if is_filled:
            store.con.execute(f'DELETE FROM "{name}"')


def fill(store: Store, given: Rows | Path) -> None:
    """Inserts the rows of a fixture. Raises RuleError naming file, table and row for what no table takes."""
    rows_of: dict[str, Any] = dict(read(given) if isinstance(given, Path) else given)
    steps = rows_of.pop("derive", [])
    rows_of["message"] = [*rows_of.get("message", []), *(_frame_row(number) for number in rows_of.pop("frames", []))]
    for table, rows in rows_of.items():
        for row in rows:
            _insert(store, given, table, row)
    for path in sql_files("sql", "derive"):
        if path.stem in steps:
            store.con.execute(as_rows(path.read_text(encoding="utf-8")))


def as_rows(step: str) -> str:
    """A step of the derivation that fills the table it makes; a view is a table in a fixture's database, and is filled like one."""
    return re.sub(r"(?m)^create or replace (?:table|view) (\w+) as$", r"insert into \1", step.split("\ncomment on ")[0])


def judge_fixture(store: Store, rule: Rule, fixture: Path | Rows) -> list[Verdict]:
    """What the rule says of a fixture, in order of subject."""
    empty(store)
    fill(store, fixture)
    result = try_rule(store, rule, as_given=True)
    subject, status, reason, evidence = (result.columns.index(name) for name in ("subject_id", "status", "reason", "evidence"))
    return [
        Verdict(str(row[subject]), str(row[status]), "" if row[reason] is None else str(row[reason]), places(row[evidence]))
        for row in result.rows
    ]


def places(evidence: list[dict[str, Any]] | None) -> str:
    """Evidence in short: messages, frames and lines, without the words. Pieces that name no place are left out."""
    shown = (
        f"m{piece['message_id']}"
        if piece.get("message_id") is not None
        else f"{piece['source_id']}:{'L' if piece.get('frame') is None else ''}{piece.get('frame') or piece.get('line') or ''}"
        if piece.get("source_id") is not None
        else ""
        for piece in evidence or []
        if piece is not None
    )
    return " ".join(filter(None, shown))


def expected(fixture: Path) -> list[Verdict]:
    """What the .csv beside a fixture asks for. Raises RuleError where it is missing."""
    try:
        with fixture.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
            return [Verdict(row["subject_id"], row["status"], row["reason"], row.get("places")) for row in csv.DictReader(file)]
    except (FileNotFoundError, KeyError) as error:
        raise RuleError(
            f"{fixture.with_suffix('.csv')}: the verdicts that the fixture is to give are missing",
            "siplens rules test --accept writes what the rule says now; read it before you keep it",
        ) from error


def compared(found: list[Verdict], wanted: list[Verdict]) -> list[Verdict]:
    """The verdicts found, without places where those wanted leave them out."""
    return [verdict._replace(places=None) for verdict in found] if any(verdict.places is None for verdict in wanted) else found


def accept(fixture: Path, verdicts: list[Verdict]) -> None:
    """Writes verdicts as those that the fixture must give."""
    with fixture.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(verdicts)


def read(path: Path) -> dict[str, Any]:
    """Rows by table of a fixture file. Raises RuleError where it is no such file."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise RuleError(
            f"{path}: the fixture is not YAML: {str(error).splitlines()[0]}", "write table: then - {column: value} lines"
        ) from error
    if not isinstance(content, dict) or not all(isinstance(rows, list) for rows in content.values()):
        raise RuleError(f"{path}: the fixture does not list rows by table", _SHAPE)
    return content


def _insert(store: Store, given: Rows | Path, table: str, row: Mapping[str, Any]) -> None:
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    values = [_on_the_day(name, value) for name, value in row.items()]
    try:
        store.con.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', values)
    except duckdb.Error as error:
        where = given if isinstance(given, Path) else "the fixture"
        words = str(error).splitlines()[0]
        raise RuleError(f"{where}: {table}: {dict(row)}: {words}", f"siplens schema {table} lists its columns") from error


def _frame_row(number: int) -> dict[str, Any]:
    """Message 7 is in frame 7 of source 1."""
    return {"message_id": number, "source_id": 1, "frame": number}


def _on_the_day(column: str, value: Any) -> Any:
    """A time of day in a column of times becomes a time; other values stay."""
    is_time = column.split("_")[-1] == "ts" and isinstance(value, str)
    return DAY + value if is_time else value
