"""Runs the SQL that turns raw tables into transactions, dialogs, calls, and the bypass decision. The verdicts are in the SQL."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable
from pathlib import Path

import duckdb

from siplens.errors import RuleError, StoreError
from siplens.pipeline.diagnostic_ids import fill_meanings, tables
from siplens.pipeline.steps import refilling
from siplens.resources import sql_files
from siplens.store import Store, open_store

_CRITERION_TABLE = """
CREATE OR REPLACE TABLE bypass_criterion (
    call_no INTEGER, criterion VARCHAR, outcome VARCHAR, detail VARCHAR,
    evidence STRUCT(source_id INTEGER, frame BIGINT, line BIGINT, note VARCHAR)[]
);
CREATE OR REPLACE TABLE criterion (criterion VARCHAR, title VARCHAR, document VARCHAR, requirement VARCHAR)
"""


def derive(store: Store, progress: Callable[[str], None] | None = None) -> None:
    """Makes all derived tables anew, in one transaction. `progress` hears the name of each step."""
    con = store.con
    digest = sql_digest()
    stands = str(store.value("select derived_by from store_info")).startswith(digest.partition(":")[0])
    # Derived tables have no order of their own: questions sort. Without this, half the work would wait for its turn.
    con.execute("SET preserve_insertion_order = false")
    con.execute("BEGIN TRANSACTION")
    try:
        fill_meanings(store)
        for path in sql_files("sql", "derive"):
            _run(store, path, progress, stands)
        assess(store, progress, stands=stands)
        con.execute("UPDATE store_info SET derived_changes = changes, derived_by = ?", [digest])
        con.execute("COMMIT")
    except BaseException:
        con.execute("ROLLBACK")
        raise
    finally:
        con.execute("RESET preserve_insertion_order")


def assess(store: Store, progress: Callable[[str], None] | None = None, *, stands: bool = False) -> None:
    """Makes the tables of the bypass decision from the derived tables and the configuration. `derive` ends with it.

    stands: the tables are there as the SQL of this siplens makes them, and are only to be filled anew.
    """
    for path in _bypass_files("0"):
        _run(store, path, progress, stands)
    _assess_criteria(store, progress, stands)
    for path in _bypass_files("9"):
        _run(store, path, progress, stands)


def is_current(store: Store) -> bool:
    """Whether the derived tables were made from all that is stored, by the SQL of this siplens."""
    query = "select coalesce(derived_changes = changes and derived_by = ?, false) from store_info"
    return bool(store.value(query, [sql_digest()]))


def ensure_derived(store: Store, progress: Callable[[str], None] | None = None) -> bool:
    """Derives where that is needed; says whether it was. Raises StoreError on a read-only store that is not current."""
    if is_current(store):
        return False
    if not store.writable:
        raise StoreError(f"{store.path}: the derived tables are out of date", hint="run 'siplens check' on it once")
    derive(store, progress)
    return True


def open_derived(path: Path, progress: Callable[[str], None] | None = None) -> Store:
    """Opens the database read-only with derived tables that are current; makes them first where they are not."""
    store = open_store(path, write=False)
    if is_current(store):
        return store
    store.close()
    with open_store(path, write=True) as writable:
        derive(writable, progress)
    return open_store(path, write=False)


def sql_digest() -> str:
    """Digests of all derivation SQL and of the table of diagnostic ids: a newer siplens, or an edited table, derives anew."""
    return ":".join(_digest(paths) for paths in (sql_files("sql"), tables()))


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def criterion_files() -> list[Path]:
    """The criteria of the bypass decision: one SQL file each."""
    return sql_files("sql", "bypass", "criteria")


def _bypass_files(first_digit: str) -> list[Path]:
    return [path for path in sql_files("sql", "bypass") if path.parent.name == "bypass" and path.name.startswith(first_digit)]


def _run(store: Store, path: Path, progress: Callable[[str], None] | None, stands: bool) -> None:
    if progress:
        progress(path.stem)
    text = path.read_text(encoding="utf-8")
    try:
        store.con.execute(refilling(text) if stands else text)
    except duckdb.Error as error:
        error.add_note(f"while running {path.name}")
        raise


def _assess_criteria(store: Store, progress: Callable[[str], None] | None, stands: bool) -> None:
    store.con.execute("DELETE FROM bypass_criterion" if stands else _CRITERION_TABLE)
    for path in criterion_files():
        if progress:
            progress(path.stem)
        text = path.read_text(encoding="utf-8")
        header = criterion_header(path, text)
        try:
            store.con.execute(f"INSERT INTO bypass_criterion BY NAME SELECT '{header['criterion']}' AS criterion, * FROM ({text})")
        except duckdb.Error as error:
            raise RuleError(f"{path}: the criterion's SQL is refused: {error}") from error
        if stands:
            continue
        named = [header[key] for key in ("criterion", "title", "document", "requirement")]
        store.con.execute("INSERT INTO criterion VALUES (?, ?, ?, ?)", named)


def criterion_header(path: Path, text: str) -> dict[str, str]:
    """The TOML of a criterion file's leading comment: criterion, title, document, requirement."""
    start, end = text.find("/*"), text.find("*/")
    if start != 0 or end < 0:
        raise RuleError(f"{path}:1: a criterion file begins with a comment that holds its TOML header")
    try:
        header = tomllib.loads(text[start + 2 : end])
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{path}: the header is not TOML: {error}") from error
    missing = [key for key in ("criterion", "title", "document", "requirement") if not isinstance(header.get(key), str)]
    if missing or not str(header["criterion"]).isidentifier():
        raise RuleError(f"{path}: the header lacks {', '.join(missing) or 'a plain name in criterion'}")
    return {key: str(header[key]) for key in ("criterion", "title", "document", "requirement")}
