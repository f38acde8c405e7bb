"""Configuration as it was imported: snapshots, and the objects of one kind."""

from __future__ import annotations

from siplens.records import CONFIGURATION_TABLES
from siplens.report.fetch import Row, fetch
from siplens.store import Store

KINDS = tuple(table.name for table in CONFIGURATION_TABLES)
"""Kinds of configuration objects: the names of their tables."""


def read_snapshots(store: Store) -> list[Row]:
    """Snapshots, oldest first."""
    return fetch(store, "snapshots")


def read_objects(store: Store, kind: str, snapshot_id: int) -> tuple[list[str], list[Row]]:
    """Columns that have a value in some row, and rows, of one kind of object (one of KINDS), with the file each came from."""
    columns, rows = store.query(
        f"SELECT {kind}.* EXCLUDE (snapshot_id, source_id), regexp_extract(source.path, '[^/\\\\]+$') AS file "
        f'FROM "{kind}" LEFT JOIN source USING (source_id) WHERE snapshot_id = ? ORDER BY line',
        [snapshot_id],
    )
    listed = [dict(zip(columns, row, strict=True)) for row in rows]
    shown = [name for name in columns if name not in ("first_num", "last_num") and any(row[name] is not None for row in listed)]
    return shown, listed
