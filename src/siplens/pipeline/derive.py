"""Runs the SQL that turns raw tables into transactions, dialogs, calls, and the bypass decision. The verdicts are in the SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import duckdb

from siplens.errors import StoreError
from siplens.pipeline.criteria import criteria_text, put_criteria_together
from siplens.pipeline.diagnostic_ids import fill_meanings, tables
from siplens.pipeline.known import known_files, load_known
from siplens.pipeline.side_by_side import Step, run_side_by_side
from siplens.pipeline.steps import refill
from siplens.records import CONFIGURATION_TABLES
from siplens.resources import sql_files
from siplens.store import Store, all_or_nothing, open_store
from siplens.store.writer import NEW_ADDRESSES, number_addresses

MEMORY_MB = 180
"""What DuckDB may take for a derivation, however many messages there are; a step for which that is too little gets more."""
SMALL = 50_000
"""Messages; below, two processors that share a statement hinder each other more than they help."""
_NOT_THOUGHT_OF = (
    "join_order, column_lifetime, compressed_materialization, row_group_pruner, join_filter_pushdown, cte_filter_pusher, filter_pullup"
)
"""What DuckDB does not look for where rows are few: joins stand in the order in which they are best made, and looking takes longer."""


class Prepared(NamedTuple):
    """What a derivation runs, and the digest of it (see `sql_digest`)."""

    steps: Sequence[Step]
    digest: str


def derive(store: Store, progress: Callable[[str], None] | None = None, prepared: Prepared | None = None) -> None:
    """Makes all derived tables anew. `progress` hears the name of each step; `prepared` is what `prepared_ahead` gave.

    Tables that this SQL made before are filled anew, side by side, each in a transaction of its own: until the last is done the
    store says of itself that it is not current. Else all are made in one transaction.
    """
    con = store.con
    digest = prepared.digest if prepared else sql_digest()
    before = str(store.value("select derived_by from store_info"))
    # Derived tables have no order of their own: questions sort. Without this, half the work would wait for its turn.
    con.execute("SET preserve_insertion_order = false")
    try:
        if before.startswith(digest.partition(":")[0]):
            if before != digest:
                fill_meanings(store)
            _fill(store, progress, prepared.steps if prepared else _steps())
        else:
            _make(store, progress)
    finally:
        con.execute("RESET preserve_insertion_order")
    con.execute("UPDATE store_info SET derived_changes = changes, derived_by = ?", [digest])


def _make(store: Store, progress: Callable[[str], None] | None) -> None:
    with all_or_nothing(store.con):
        fill_meanings(store)
        number_addresses(store)
        load_known(store)
        for path in sql_files("sql", "derive"):
            _run(store, path, progress)
        assess(store, progress)


def _fill(store: Store, progress: Callable[[str], None] | None, steps: Sequence[Step]) -> None:
    store.con.execute("UPDATE store_info SET derived_changes = NULL")
    messages: int = store.value("select count(*) from message")
    small = messages < SMALL
    if small:
        store.con.execute("SET threads = 1")
        store.con.execute(f"SET disabled_optimizers = '{_NOT_THOUGHT_OF}'")
    try:
        with store.memory_bound(MEMORY_MB):
            run_side_by_side(store, steps, progress)
    finally:
        if small:
            store.con.execute("RESET threads")
            store.con.execute("RESET disabled_optimizers")


@contextmanager
def prepared_ahead(store: Store) -> Iterator[Prepared]:
    """For `derive`. While files are read, another thread parses the steps: that takes a tenth of a small derivation."""
    prepared, done = Prepared(_steps(), sql_digest()), Event()
    beside = store.beside()

    def parse() -> None:
        # Without configuration, steps on it will be passed over, and those on what they would have made.
        barren = beside.empty_tables() & {table.name for table in CONFIGURATION_TABLES}
        for step in prepared.steps:
            if step.needs in barren:
                barren |= {step.clears} - {""}
            elif not done.is_set():
                step.statements(beside.con)

    parser = Thread(target=parse, name="parse", daemon=True)
    parser.start()
    try:
        yield prepared
    finally:
        done.set()
        parser.join()
        beside.con.close()


def _steps() -> list[Step]:
    steps = [Step("addresses", "", f"insert into address {NEW_ADDRESSES}", call=number_addresses)]
    steps += [_step(path) for path in [*sql_files("sql", "derive"), *bypass_files("0", "1")]]
    steps.append(Step("bypass_criterion", "", f"create or replace view bypass_criterion as {criteria_text()}"))
    return steps + [_step(path) for path in bypass_files("9")]


def _step(path: Path) -> Step:
    text = path.read_text(encoding="utf-8")
    found = refill(text)
    return Step(path.name, found.run, text, found.clears, found.needs)


def assess(store: Store, progress: Callable[[str], None] | None = None) -> None:
    """Makes the tables of the bypass decision from the derived tables and the configuration. `derive` ends with it."""
    for path in bypass_files("0"):  # what the calls themselves say
        _run(store, path, progress)
    decide(store, progress)
    for path in bypass_files("95", "96", "97", "98"):  # figures over many calls
        _run(store, path, progress)


def decide(store: Store, progress: Callable[[str], None] | None = None) -> None:
    """The bypass decision alone: what the calls say (bypass_fact) held against the configuration. A what-if runs this."""
    for path in bypass_files("1"):
        _run(store, path, progress)
    put_criteria_together(store)
    for path in bypass_files("90", "91", "92"):
        _run(store, path, progress)


def is_current(store: Store, digest: str | None = None) -> bool:
    """Whether the derived tables were made from all that is stored, by the SQL of this siplens. digest: of that SQL, if it is known."""
    query = "select coalesce(derived_changes = changes and derived_by = ?, false) from store_info"
    return bool(store.value(query, [digest or sql_digest()]))


def ensure_derived(store: Store, progress: Callable[[str], None] | None = None, prepared: Prepared | None = None) -> bool:
    """Derives where that is needed, as `derive` does; says whether it was. Raises StoreError on a read-only store that is not current."""
    if is_current(store, prepared.digest if prepared else None):
        return False
    if not store.writable:
        raise StoreError(f"{store.path}: the derived tables are out of date", hint="run 'siplens check' on it once")
    derive(store, progress, prepared)
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
    return ":".join(_digest(paths) for paths in ([*sql_files("sql"), *known_files()], tables()))


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def bypass_files(*beginnings: str) -> list[Path]:
    """Files of sql/bypass whose names begin so, in order."""
    return [path for path in sql_files("sql", "bypass") if path.parent.name == "bypass" and path.name.startswith(beginnings)]


def _run(store: Store, path: Path, progress: Callable[[str], None] | None) -> None:
    if progress:
        progress(path.stem)
    try:
        store.con.execute(path.read_text(encoding="utf-8"))
    except duckdb.Error as error:
        error.add_note(f"while running {path.name}")
        raise


def views_as_tables(store: Store) -> None:
    """Turns every view into an empty table of its columns, so that rows can be put there: what fixtures of rules are run on."""
    names = [row[0] for row in store.query("select view_name from duckdb_views() where not internal").rows]
    for name in names:
        store.con.execute(f'CREATE TABLE "{name} as a table" AS FROM "{name}" LIMIT 0')
    for name in names:
        store.con.execute(f'DROP VIEW "{name}"')
        store.con.execute(f'ALTER TABLE "{name} as a table" RENAME TO "{name}"')
