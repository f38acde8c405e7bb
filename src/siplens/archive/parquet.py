"""An archive: raw rows as Parquet, one folder per table and day, that siplens and any engine which reads Parquet can ask.

    archive/message/day=2026-03-10/rows.parquet        SIP messages of that day (UTC), with the SHA-256 of their file
    archive/source/day=…   media_flow/day=…   …        every raw table; configurations lie with the day of their import

Exporting again adds what is new to a day and writes nothing twice; each file is replaced whole.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import duckdb

from siplens.archive.rows import NAMES, SNAPSHOT, portable
from siplens.archive.take import quoted
from siplens.errors import StoreError
from siplens.records import CONFIGURATION_TABLES, TABLES
from siplens.store import open_store
from siplens.store.store import SCHEMA_VERSION


class Exported(NamedTuple):
    """What an export wrote."""

    days: int
    rows: int
    files: int
    size_bytes: int


def export_archive(database: Path, folder: Path, before: dt.datetime | None = None) -> Exported:
    """Writes the raw rows of days before `before` (all, where it is None) into an archive. Raises StoreError."""
    open_store(database, write=False).close()
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "VERSION"
    if mark.exists() and mark.read_text(encoding="utf-8").strip() != str(SCHEMA_VERSION):
        raise StoreError(f"{folder}: holds an archive of another schema version", hint="give another folder")
    mark.write_text(f"{SCHEMA_VERSION}\n", encoding="utf-8")
    con = duckdb.connect()
    try:
        con.execute(f"ATTACH {quoted(database)} AS live (READ_ONLY)")
        days: set[dt.date] = set()
        rows = files = size = 0
        for name in NAMES:
            # Configurations and the list of files are small, and every day needs them.
            everything = name in ("source", SNAPSHOT) or TABLES.get(name) in CONFIGURATION_TABLES
            limit = f"WHERE day < {_day(before)}" if before and not everything else ""
            con.execute(f"CREATE OR REPLACE TEMP TABLE leaving AS SELECT * FROM ({portable(name, 'live')}) {limit}")
            for (day,) in con.execute("select distinct day from leaving order by day").fetchall():
                added, path = _write_day(con, folder, name, day)
                rows, files, size = rows + added, files + 1, size + path.stat().st_size
                if not everything:
                    days.add(day)
        return Exported(len(days), rows, files, size)
    finally:
        con.close()


def _write_day(con: duckdb.DuckDBPyConnection, folder: Path, name: str, day: dt.date) -> tuple[int, Path]:
    """Writes one file of one table, what is there and what is new; returns the number of new rows. Whole or not at all."""
    path = folder / name / f"day={day}" / "rows.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = f"SELECT * EXCLUDE (day) FROM leaving WHERE day = DATE '{day}'"
    if path.exists():
        there = f"SELECT * FROM read_parquet({quoted(path)}, hive_partitioning = false)"
        key = "imported_at" if name == SNAPSHOT else "sha256"
        extra = " AND r.snapshot_at = o.snapshot_at" if TABLES.get(name) in CONFIGURATION_TABLES else ""
        fresh = f"SELECT r.* FROM ({fresh}) AS r WHERE NOT EXISTS (SELECT 1 FROM ({there}) AS o WHERE o.{key} = r.{key}{extra})"
        query = f"{there} UNION ALL BY NAME {fresh}"
    else:
        query = fresh
    [(added,)] = con.execute(f"SELECT count(*) FROM ({fresh})").fetchall()
    if path.exists() and not added:
        return 0, path
    part = path.with_name("rows.part")
    try:
        con.execute(f"COPY ({query}) TO {quoted(part)} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return added, path


def _day(moment: dt.datetime) -> str:
    return f"DATE '{moment.date()}'"


def archived_days(folder: Path) -> list[dict[str, object]]:
    """One row per day of an archive: rows of the largest tables, and bytes of all its files. Raises StoreError."""
    days = sorted({path.name.removeprefix("day=") for path in folder.glob("*/day=*")})
    if not days:
        raise StoreError(
            f"{folder}: is a folder, and no archive", hint="'siplens archive export FOLDER' makes one; it has folders source/day=…"
        )
    con = duckdb.connect()
    try:
        return [
            {
                "day": day,
                "messages": _rows(con, folder / "message" / f"day={day}" / "rows.parquet"),
                "rtp_streams": _rows(con, folder / "media_flow" / f"day={day}" / "rows.parquet"),
                "log_events": _rows(con, folder / "log_event" / f"day={day}" / "rows.parquet"),
                "size_bytes": sum(path.stat().st_size for path in folder.glob(f"*/day={day}/*.parquet")),
            }
            for day in days
        ]
    finally:
        con.close()


def _rows(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    if not path.exists():
        return 0
    [(rows,)] = con.execute(f"SELECT count(*) FROM read_parquet({quoted(path)})").fetchall()
    return int(rows)
