"""One writer: record batches into the raw tables, a file in one transaction. A failure leaves the store as before the file."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from siplens.records import CONFIGURATION_TABLES, TABLES, Batch, Table
from siplens.records.table import ROWS_PER_SOURCE
from siplens.store.store import Store, all_or_nothing
from siplens.version import __version__

NEW_ADDRESSES = Path(__file__).with_name("new_addresses.sql").read_text(encoding="utf-8")
"""Which addresses `number_addresses` looks for."""


@dataclass(slots=True)
class SourceFacts:
    """What the pipeline knows of a file besides its content."""

    path: str
    kind: str
    size_bytes: int
    label: str | None = None


@dataclass(slots=True)
class Written:
    """What one file brought: rows per table."""

    source_id: int
    rows: dict[str, int] = field(default_factory=dict)


@contextmanager
def transaction(store: Store) -> Iterator[None]:
    """All or nothing: an exception, Ctrl-C included, takes back what was written inside. What is kept is on disk with `Store.save`."""
    with all_or_nothing(store.con):
        yield
        store.con.execute("UPDATE store_info SET changes = changes + 1")


def find_source(store: Store, sha256: str) -> int | None:
    """source_id of the file with these bytes, or None."""
    found: int | None = store.value("select source_id from source where sha256 = ?", [sha256])
    return found


def new_source_id(store: Store) -> int:
    """A number no source had before, pruned ones included."""
    number: int = store.value("select nextval('source_number')")
    return number


def drop_source(store: Store, source_id: int) -> None:
    """Takes a file's rows out of all raw tables, its `source` row too. Inside an open transaction."""
    for table in TABLES.values():
        store.con.execute(f'DELETE FROM "{table.name}" WHERE source_id = ?', [source_id])
    store.con.execute("DELETE FROM file_end WHERE source_id = ?", [source_id])


def drop_messages(store: Store, source_id: int, first: int) -> None:
    """Takes a source's messages from the ordinal `first` on out of the raw tables, with what refers to them. Inside an open transaction."""
    for table in TABLES.values():
        if table.name == "message" or table.refers:
            where = f'DELETE FROM "{table.name}" WHERE source_id = ? AND message_id >= ?'
            store.con.execute(where, [source_id, source_id * ROWS_PER_SOURCE + first])


def write_batches(store: Store, source_id: int, batches: Iterable[Batch], written: Written) -> pa.RecordBatch | None:
    """Inserts batches of one source inside an open transaction; returns the `source` batch, which is left to `write_source`."""
    source_row = None
    for name, rows in batches:
        if name == "source":
            source_row = rows
            continue
        insert(store, TABLES[name], rows, source_id)
        written.rows[name] = written.rows.get(name, 0) + rows.num_rows
    return source_row


def write_source(store: Store, source_id: int, row: pa.RecordBatch, facts: SourceFacts, sha256: str) -> None:
    """Inserts the one row of `source`: what the reader said of the file, and what the pipeline knows."""
    record: dict[str, Any] = row.to_pylist()[0] | {
        "source_id": source_id,
        "sha256": sha256,
        "path": facts.path,
        "kind": facts.kind,
        "size_bytes": facts.size_bytes,
        "label": facts.label,
        "tool_version": __version__,
        "ingested_at": dt.datetime.now(dt.UTC).replace(tzinfo=None),
    }
    names = ", ".join(f'"{name}"' for name in record)
    marks = ", ".join("?" for _ in record)
    store.con.execute(f"INSERT INTO source ({names}) VALUES ({marks})", list(record.values()))


def insert(store: Store, table: Table, rows: pa.RecordBatch, source_id: int, snapshot_id: int | None = None) -> None:
    """Appends reader rows to a raw table, adding the columns that are the writer's."""
    if rows.schema != table.schema:
        raise AssertionError(f"a reader yields {rows.schema} for {table.name}, not its schema")
    base = source_id * ROWS_PER_SOURCE
    added = [f"{source_id} AS source_id"]
    if table.row_id:
        added.append(f"{base} + ordinal AS {table.row_id}")
    if table.refers:
        added.append(f"{base} + {table.refers} AS message_id")
    if table in CONFIGURATION_TABLES:
        added.append(f"{snapshot_id} AS snapshot_id")
    kept = f"* EXCLUDE ({table.refers})" if table.refers else "*"
    # A registered table would be held until the transaction ends, and memory would grow with the file: DuckDB finds this one by its name.
    reader_rows = pa.Table.from_batches([rows])
    store.con.execute(f'INSERT INTO "{table.name}" BY NAME SELECT {", ".join(added)}, {kept} FROM reader_rows')
    del reader_rows


def number_addresses(store: Store) -> None:
    """Gives every new address text in the raw tables its numeric form (table `address`). Names are left out."""
    texts: list[str] = [row[0] for row in store.con.execute(NEW_ADDRESSES).fetchall()]
    rows = [numbered for text in texts if (numbered := numeric_form(text))]
    if not rows:
        return
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(columns[0]), pa.array(columns[1]), pa.array(columns[2], type=pa.int8())]
    store.con.register("reader_rows", pa.Table.from_arrays(arrays, names=["ip", "ip_hex", "family"]))
    try:
        store.con.execute("INSERT INTO address BY NAME SELECT * FROM reader_rows")
    finally:
        store.con.unregister("reader_rows")


def numeric_form(text: str) -> tuple[str, str, int] | None:
    """(text, 32 hexadecimal digits, family) of an address; None for a name. IPv4 takes its ::ffff:0:0/96 form."""
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return None
    number = int(address) + (0xFFFF_0000_0000 if address.version == 4 else 0)
    return text, f"{number:032x}", address.version
