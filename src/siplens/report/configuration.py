"""Configuration as it was imported: snapshots, and the objects of one kind."""

from __future__ import annotations

import datetime as dt

from siplens.errors import SiplensError
from siplens.records import CONFIGURATION_TABLES
from siplens.report.fetch import Row, fetch
from siplens.store import Store

KINDS = tuple(table.name for table in CONFIGURATION_TABLES)
"""Kinds of configuration objects: the names of their tables."""


def read_snapshots(store: Store) -> list[Row]:
    """Snapshots, oldest first."""
    return fetch(store, "snapshots")


def chosen_snapshot(store: Store, wanted: int | None) -> tuple[int, dt.datetime | None]:
    """Number and valid_from of the snapshot of that number, or of the latest. Raises SiplensError where there is none."""
    rows = store.query("select snapshot_id, valid_from from config_snapshot order by snapshot_id").rows
    if not rows:
        raise SiplensError(f"{store.path}: no configuration was imported", hint="run 'siplens config import FILE'")
    found = dict(rows)
    if wanted is not None and wanted not in found:
        raise SiplensError(f"there is no snapshot {wanted}", hint="'siplens config show' lists them")
    chosen: int = rows[-1][0] if wanted is None else wanted
    return chosen, found[chosen]


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
