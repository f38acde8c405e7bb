"""Configuration into the store: one import is one snapshot, in force from its valid_from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from siplens.config import Configuration, read_configuration
from siplens.errors import ConfigurationError
from siplens.pipeline.growth import file_sha256
from siplens.records import CONFIGURATION_TABLES, TABLES
from siplens.store import Store
from siplens.store.writer import SourceFacts, find_source, insert, new_source_id, number_addresses, transaction, write_source


@dataclass(slots=True)
class ImportedConfiguration:
    """What one import brought."""

    snapshot_id: int
    known: bool = False
    """True where the newest snapshot already holds exactly these files: nothing was changed."""
    rows: dict[str, int] = field(default_factory=dict)
    """Objects per configuration table, those carried over from the snapshot before included."""
    carried_over: list[str] = field(default_factory=list)
    """Tables that these files do not mention and that were taken from the snapshot before."""
    warnings: list[str] = field(default_factory=list)
    """What was understood but looks wrong, such as a site whose region is nowhere: file, line, and words."""


def import_configuration(
    store: Store, paths: Sequence[Path], *, label: str | None = None, valid_from: dt.datetime | None = None
) -> ImportedConfiguration:
    """Imports files as one snapshot. Raises ConfigurationError with file, line and property; nothing is stored then.

    valid_from: in force from then (naive UTC), whatever the files say; None takes their word, or always.

    Cmdlet exports come in parts, so kinds that no file mentions are carried over from the snapshot before; a file in
    siplens' own form is the whole configuration and carries nothing over.
    """
    configurations = [(path, file_sha256(path), read_configuration(path)) for path in paths]
    valid_from = valid_from or _valid_from(configurations)
    newest: int = store.value("select coalesce(max(snapshot_id), 0) from config_snapshot")
    if newest and _holds(store, newest, {digest for _, digest, _ in configurations}, valid_from):
        return ImportedConfiguration(newest, known=True, rows=_counts(store, newest))
    snapshot_id = newest + 1
    imported = ImportedConfiguration(snapshot_id)
    with transaction(store):
        names = label or ", ".join(path.name for path in paths)
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        before = _snapshot_before(store, valid_from)
        store.con.execute("INSERT INTO config_snapshot VALUES (?, ?, ?, ?)", [snapshot_id, now, valid_from, names])
        for path, digest, configuration in configurations:
            source_id = _register(store, path, digest, configuration)
            for name, rows in configuration.batches:
                insert(store, TABLES[name], rows, source_id, snapshot_id)
        if before is not None and not any(configuration.complete for _, _, configuration in configurations):
            imported.carried_over = _carry_over(store, before, snapshot_id)
        number_addresses(store)
    imported.rows = _counts(store, snapshot_id)
    imported.warnings = [warning for _, _, configuration in configurations for warning in configuration.warnings]
    return imported


def _valid_from(configurations: Sequence[tuple[Path, str, Configuration]]) -> dt.datetime | None:
    named = {configuration.valid_from for _, _, configuration in configurations if configuration.valid_from}
    if len(named) > 1:
        raise ConfigurationError(
            "the files name different times in valid_from: " + ", ".join(sorted(map(str, named))),
            hint="import them one after the other",
        )
    return next(iter(named), None)


def _holds(store: Store, snapshot_id: int, digests: set[str], valid_from: dt.datetime | None) -> bool:
    union = " union ".join(f'select source_id from "{table.name}" where snapshot_id = $id' for table in CONFIGURATION_TABLES)
    rows = store.query(f"select sha256 from source where source_id in ({union})", {"id": snapshot_id}).rows
    stored = store.value("select valid_from from config_snapshot where snapshot_id = ?", [snapshot_id])
    return {row[0] for row in rows} == digests and stored == valid_from


def _snapshot_before(store: Store, valid_from: dt.datetime | None) -> int | None:
    found: int | None = store.value(
        "select snapshot_id from config_snapshot where valid_from is null or valid_from <= $since "
        "order by valid_from desc nulls last, snapshot_id desc",
        {"since": valid_from},
    )
    return found


def _register(store: Store, path: Path, digest: str, configuration: Configuration) -> int:
    if (known := find_source(store, digest)) is not None:
        return known
    source_id = new_source_id(store)
    schema = TABLES["source"].schema
    row = {"format": configuration.format, "format_status": "verified", "engine": "native", "first_ts": configuration.valid_from}
    batch = pa.RecordBatch.from_pylist([{name: row.get(name) for name in schema.names}], schema=schema)
    write_source(store, source_id, batch, SourceFacts(str(path), "config", path.stat().st_size), digest)
    return source_id


def _carry_over(store: Store, before: int, snapshot_id: int) -> list[str]:
    carried = []
    for table in CONFIGURATION_TABLES:
        mentioned = store.value(f'select count(*) from "{table.name}" where snapshot_id = ?', [snapshot_id])
        there = store.value(f'select count(*) from "{table.name}" where snapshot_id = ?', [before])
        if there and not mentioned:
            store.con.execute(
                f'INSERT INTO "{table.name}" SELECT * REPLACE ({snapshot_id} AS snapshot_id) FROM "{table.name}" WHERE snapshot_id = ?',
                [before],
            )
            carried.append(table.name)
    return carried


def _counts(store: Store, snapshot_id: int) -> dict[str, int]:
    counts = {
        table.name: store.value(f'select count(*) from "{table.name}" where snapshot_id = ?', [snapshot_id])
        for table in CONFIGURATION_TABLES
    }
    return {name: count for name, count in counts.items() if count}
