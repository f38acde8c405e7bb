"""Takes the raw rows of another database, or of an archive, into an open one. Files that are known are not taken twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from siplens.archive.rows import SNAPSHOT, arriving, portable
from siplens.errors import StoreError
from siplens.records import TABLES
from siplens.store import Store
from siplens.store.store import SCHEMA_VERSION
from siplens.store.writer import number_addresses, transaction

_SQL = Path(__file__).with_name("sql")


def take_database(store: Store, path: Path) -> None:
    """Takes all raw rows of the database at `path`, its waivers, and the figures of what was pruned there. Raises StoreError."""
    from siplens.store import open_store

    open_store(path, write=False).close()  # says in a sentence what is wrong with it
    store.con.execute(f"ATTACH {quoted(path)} AS other (READ_ONLY)")
    try:
        with transaction(store):
            _take(store, lambda name: f"({portable(name, 'other')})")
            store.con.execute("INSERT INTO past_figure SELECT * FROM other.past_figure")
            store.con.execute((_SQL / "take_waivers.sql").read_text(encoding="utf-8"))
    finally:
        store.con.execute("DETACH other")


def archive_files(folder: Path) -> dict[str, list[Path]]:
    """Files of each table in an archive. Raises StoreError where it is none."""
    files = {name: sorted((folder / name).glob("day=*/*.parquet")) for name in (*TABLES, SNAPSHOT)}
    if not files["source"]:
        what = "is a folder, and no archive" if folder.is_dir() else "there is no such archive"
        raise StoreError(f"{folder}: {what}", hint="'siplens archive export FOLDER' makes one; it has folders source/day=…")
    return files


def take_archive(store: Store, folder: Path) -> int:
    """Takes all rows of an archive; returns how many raw rows came. Days that it brings are no longer counted as pruned."""
    files = archive_files(folder)
    _check_version(store, folder)
    before = _count(store)
    with transaction(store):
        _take(store, lambda name: _parquet(files[name]) if files[name] else None)
        days = _parquet(files["message"]) if files["message"] else None
        if days:
            store.con.execute(f"DELETE FROM past_figure WHERE day IN (SELECT DISTINCT day FROM {days})")
    return _count(store) - before


def _take(store: Store, relation: Callable[[str], str | None]) -> None:
    """Sources first, then snapshots, then the rows that belong to them."""
    sources = relation("source")
    once = "QUALIFY row_number() OVER (PARTITION BY sha256 ORDER BY day) = 1"
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE arriving_source AS SELECT * FROM {sources} {once}")
    store.con.execute((_SQL / "take_sources.sql").read_text(encoding="utf-8"))
    snapshots = relation(SNAPSHOT)
    empty = f"(SELECT imported_at, valid_from, label FROM {SNAPSHOT} WHERE false)"
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE arriving_snapshot AS SELECT imported_at, valid_from, label FROM {snapshots or empty}")
    store.con.execute((_SQL / "take_snapshots.sql").read_text(encoding="utf-8"))
    for name in TABLES:
        if name != "source" and (rows := relation(name)):
            store.con.execute(arriving(name, rows))
    for name in ("arriving_source", "arriving_snapshot", "taken", "taken_snapshot"):
        store.con.execute(f"DROP TABLE {name}")
    number_addresses(store)


def _parquet(files: list[Path]) -> str:
    listed = ", ".join(quoted(path) for path in files)
    return f"read_parquet([{listed}], hive_partitioning = true, hive_types = {{'day': DATE}}, union_by_name = true)"


def _check_version(store: Store, folder: Path) -> None:
    mark = folder / "VERSION"
    version = mark.read_text(encoding="utf-8").strip() if mark.exists() else ""
    if version != str(SCHEMA_VERSION):
        raise StoreError(
            f"{folder}: was made with schema version {version or 'unknown'}; this siplens reads version {SCHEMA_VERSION}",
            hint="read it with the siplens that made it",
        )


def _count(store: Store) -> int:
    return sum(store.value(f'select count(*) from "{name}"') for name in TABLES)


def quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
