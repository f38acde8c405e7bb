"""Forgets raw rows from before a day. Findings, daily figures, files' names and hashes, configurations and runs stay.

A call is kept whole or dropped whole: one that ended after the day began keeps all its messages and flows. DuckDB gives no
space back, so what stays is written to a new file, which takes the old one's place when it is complete: a kill at any moment
leaves the old one.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import duckdb

from siplens.errors import StoreError
from siplens.pipeline.derive import derive, ensure_derived
from siplens.records import CONFIGURATION_TABLES, TABLES, Table
from siplens.store import memory_store, open_store
from siplens.store.waiting import open_when_free

PATIENCE_S = 600.0
_SQL = Path(__file__).with_name("sql")


class Pruned(NamedTuple):
    """What a prune dropped."""

    before: dt.datetime
    rows_dropped: int
    calls_dropped: int
    bytes_before: int
    bytes_after: int

    @property
    def words(self) -> str:
        """For reading, with sizes."""
        if not self.rows_dropped:
            return f"nothing is older than {self.before:%Y-%m-%d}; the database has {_megabytes(self.bytes_after)}"
        return (
            f"dropped {self.rows_dropped:,} raw rows of {self.calls_dropped:,} calls that ended before {self.before:%Y-%m-%d}; "
            f"the database had {_megabytes(self.bytes_before)}, it has {_megabytes(self.bytes_after)}"
        )


def cut_for(days: int, now: dt.datetime) -> dt.datetime:
    """The day (naive UTC midnight) before which everything is older than `days` days."""
    return dt.datetime.combine((now.astimezone(dt.UTC) - dt.timedelta(days=days)).date(), dt.time())


def prune(path: Path, before: dt.datetime, *, dry: bool = False) -> Pruned:
    """Drops what ended before `before` (naive UTC, a midnight). `dry`: counts only.

    Raises StoreError where there is no such database, or where another process does not let go of it.
    """
    if not path.exists():
        raise StoreError(f"{path}: there is no such database", hint="name one with --db")
    part = path.with_name(path.name + ".pruned")
    for left in (part, part.with_name(part.name + ".wal")):
        left.unlink(missing_ok=True)
    guard = _guard(path)
    try:
        dropped = _count(guard, before)
        size = path.stat().st_size
        if dry or not dropped.rows_dropped:
            return dropped._replace(bytes_before=size, bytes_after=size)
        open_store(part, write=True).close()
        guard.execute(f"ATTACH {_text(part)} AS part")
        _copy(guard)
        guard.execute("DETACH part")
        with open_store(part, write=True) as store:
            derive(store)
        guard.execute(f"ATTACH {_text(part)} AS part")
        guard.execute((_SQL / "past_figures.sql").read_text(encoding="utf-8"))
        dropped = dropped._replace(bytes_before=size, bytes_after=part.stat().st_size)
        guard.execute("INSERT INTO part.prune VALUES (?, ?, ?, ?, ?, ?)", [_now(), *dropped])
        guard.execute("DETACH part")
        part.replace(path)
        return dropped._replace(bytes_after=path.stat().st_size)
    finally:
        guard.close()
        part.unlink(missing_ok=True)


def _guard(path: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads the database as `live` and so keeps every writer out until it is closed; derived tables are current."""
    for _ in range(5):
        with open_when_free(path, write=True, patience_s=PATIENCE_S) as store:
            ensure_derived(store)
        guard = duckdb.connect()
        try:
            guard.execute(f"ATTACH {_text(path)} AS live (READ_ONLY)")
            if guard.execute("select derived_changes = changes from live.store_info").fetchall() == [(True,)]:
                return guard
        except duckdb.IOException:
            pass  # somebody was quicker: wait for them again
        guard.close()
    raise StoreError(f"{path}: others keep writing to it", hint="stop 'siplens watch' for the time of the prune, or try again")


def _count(guard: duckdb.DuckDBPyConnection, before: dt.datetime) -> Pruned:
    """Decides what is kept (tables kept_call, kept_message) and counts the rest."""
    guard.execute("SET VARIABLE before = CAST(? AS TIMESTAMP)", [before])  # statements with several parts take no parameters
    guard.execute((_SQL / "kept_calls.sql").read_text(encoding="utf-8"))
    guard.execute((_SQL / "kept_messages.sql").read_text(encoding="utf-8"))
    rows = 0
    for table in TABLES.values():
        if condition := _kept(table):
            [(dropped,)] = guard.execute(f'select count(*) from live."{table.name}" as r where not coalesce({condition}, true)').fetchall()
            rows += dropped
    [(calls,)] = guard.execute("select count(*) from live.call where call_no not in (select call_no from kept_call)").fetchall()
    return Pruned(before, rows, calls, 0, 0)


def _copy(guard: duckdb.DuckDBPyConnection) -> None:
    """Fills the new database: raw rows that are kept, and every other table whole."""
    with memory_store() as empty:
        names = [name for (name,) in empty.query("select table_name from duckdb_tables()").rows]
    for name in names:
        condition = _kept(TABLES[name]) if name in TABLES else None
        where = f"where coalesce({condition}, true)" if condition else ""
        guard.execute(f'DELETE FROM part."{name}"')
        guard.execute(f'INSERT INTO part."{name}" BY NAME SELECT r.* FROM live."{name}" AS r {where}')
    guard.execute("UPDATE part.store_info SET derived_changes = NULL, derived_by = NULL")  # nothing is derived there yet
    [(last,)] = guard.execute("select coalesce(max(source_id), 0) from live.source").fetchall()
    guard.execute(f"CREATE OR REPLACE SEQUENCE part.source_number START {last + 1}")
    guard.execute((_SQL / "mark_findings.sql").read_text(encoding="utf-8"), {"now": _now()})


def _kept(table: Table) -> str | None:
    """The condition under which a raw row `r` is kept; None: the whole table is."""
    names = {column.name for column in table.columns}
    if table.name == "message":
        return "r.message_id in (select message_id from kept_message)"
    if table.refers and table.refers_always:
        return "r.message_id in (select message_id from kept_message)"
    if table.name == "media_flow":
        return "(r.last_ts >= (select before from kept_from) or r.flow_id in (select flow_id from kept_flow))"
    if table.name == "log_reject":
        return "r.source_id in (select source_id from kept_source)"
    if table not in CONFIGURATION_TABLES and "ts" in names:
        # Evidence around the oldest call that is kept stays: an ICMP error, a quality report, a log line.
        return "coalesce(r.ts >= (select oldest from kept_from), r.source_id in (select source_id from kept_source))"
    return None


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
