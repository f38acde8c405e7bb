"""A database filled from sample traces, and its raw rows without our numbers, for comparing databases."""

from __future__ import annotations

from pathlib import Path

from siplens.archive.rows import own_columns
from siplens.pipeline.configure import import_configuration
from siplens.pipeline.ingest import ingest_paths
from siplens.records import TABLES
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import Store, open_store

TRACES = shipped_folder("sample_traces")


def fill(path: Path, *files: str) -> Path:
    """A database of some sample traces, judged."""
    with open_store(path, write=True) as store:
        assert all(read.error is None for read in ingest_paths(store, [str(TRACES / file) for file in files]))
        import_configuration(store, [TRACES / "forked_cancelled" / "config.yaml"])
        judge(store)
    return path


def portable_rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Table → rows, known by the hash of their file and their place in it."""
    found = {}
    for table in TABLES.values():
        columns = ", ".join(f'r."{name}"' for name in own_columns(table) if name != "sha256")
        place = f"r.{table.row_id} % (1::bigint << 32)" if table.row_id else "0"
        place += ", r.message_id % (1::bigint << 32)" if table.refers else ""
        found[table.name] = store.query(
            f'select s.sha256, {place}, {columns} from "{table.name}" as r join source as s using (source_id) order by all'
        ).rows
    return found
