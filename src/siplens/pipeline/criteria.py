"""The criteria of the bypass decision, one SQL file each, put together into the view bypass_criterion and the table criterion."""

from __future__ import annotations

import tomllib
from pathlib import Path

import duckdb

from siplens.errors import RuleError
from siplens.resources import sql_files
from siplens.store import Store

_HEADER = ("criterion", "title", "document", "requirement")


def criterion_files() -> list[Path]:
    """The criteria: a new one is a file more, and nothing else."""
    return sql_files("sql", "bypass", "criteria")


def criteria_text() -> str:
    """The text of all criteria: what it names is what the view bypass_criterion reads."""
    return "\n".join(path.read_text(encoding="utf-8") for path in criterion_files())


def put_criteria_together(store: Store) -> None:
    """Makes the view bypass_criterion, all criteria over one reading of bypass_input, and fills criterion with their headers.

    Raises RuleError, naming the file whose header or SQL is at fault.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in criterion_files()}
    headers = {path: criterion_header(path, text) for path, text in texts.items()}
    criteria = "\nUNION ALL\n".join(
        f"SELECT call_no, '{headers[path]['criterion']}' AS criterion, outcome, detail, evidence FROM (\n{text}\n)"
        for path, text in texts.items()
    )
    try:
        # One common table expression for all: DuckDB reads it once, with the columns and the calls that are asked for.
        store.con.execute(f"CREATE OR REPLACE VIEW bypass_criterion AS WITH bypass_input AS (SELECT * FROM main.bypass_input)\n{criteria}")
    except duckdb.Error as error:
        raise _refused(store, texts, error) from error
    rows = [[header[key] for key in _HEADER] for header in headers.values()]
    marks = ", ".join("(?, ?, ?, ?)" for _ in rows)
    store.con.execute("DELETE FROM criterion")
    store.con.execute(f"INSERT INTO criterion VALUES {marks}", [value for row in rows for value in row])


def _refused(store: Store, texts: dict[Path, str], error: duckdb.Error) -> Exception:
    """The error that names the criterion whose SQL is at fault."""
    for path, text in texts.items():
        try:
            store.con.execute(f"EXPLAIN SELECT call_no, outcome, detail, evidence FROM (\n{text}\n)")
        except duckdb.Error as found:
            return RuleError(f"{path}: the criterion's SQL is refused: {found}")
    return error


def criterion_header(path: Path, text: str) -> dict[str, str]:
    """The TOML of a criterion file's leading comment: criterion, title, document, requirement."""
    start, end = text.find("/*"), text.find("*/")
    if start != 0 or end < 0:
        raise RuleError(f"{path}:1: a criterion file begins with a comment that holds its TOML header")
    try:
        header = tomllib.loads(text[start + 2 : end])
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path}: the header is not TOML: {error}") from error
    missing = [key for key in _HEADER if not isinstance(header.get(key), str)]
    if missing or not str(header["criterion"]).isidentifier():
        raise RuleError(f"{path}: the header lacks {', '.join(missing) or 'a plain name in criterion'}")
    return {key: str(header[key]) for key in _HEADER}
