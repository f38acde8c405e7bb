"""CREATE TABLE statements for the raw tables, made from siplens.records: types, row ids, comments."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from siplens.records import CONFIGURATION_TABLES, TABLES, Table

_SIMPLE = {
    pa.string(): "VARCHAR",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us"): "TIMESTAMP",
}
_SOURCE_ID = ("source_id", "INTEGER NOT NULL", "source.source_id: the file it comes from.")
_SNAPSHOT_ID = ("snapshot_id", "INTEGER NOT NULL", "config_snapshot.snapshot_id.")
WRITERS_COLUMNS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "source": (
        ("tool_version", "VARCHAR", "siplens version that read the file."),
        (
            "clock_offset_ms",
            "DOUBLE",
            "Added to its times to agree with the capture that begins first, in ms; NULL where not known.",
        ),
        ("ingested_at", "TIMESTAMP", "When the file was ingested (UTC)."),
    ),
    "message": (
        ("same_as", "BIGINT", "message_id of the first observation of this very message, in another source; NULL in the first."),
        ("is_duplicate", "BOOLEAN DEFAULT false", "True where same_as is set: counted once, observed again."),
        ("is_retransmission", "BOOLEAN DEFAULT false", "True where the sender sent the message again on the same hop."),
    ),
}
"""Columns that no reader fills: the writer or the derivation does."""


def sql_type(arrow: pa.DataType) -> str:
    """DuckDB's name for an Arrow type: the simple ones, lists and structs."""
    if pa.types.is_list(arrow):
        return f"{sql_type(arrow.value_type)}[]"
    if pa.types.is_struct(arrow):
        return "STRUCT(" + ", ".join(f'"{field.name}" {sql_type(field.type)}' for field in arrow) + ")"
    return _SIMPLE[arrow]


def store_columns(table: Table) -> list[tuple[str, str, str]]:
    """Name, SQL type and meaning of each column of a raw table as the store has it, in order."""
    first = [_SNAPSHOT_ID] if table in CONFIGURATION_TABLES else []
    first.append(_SOURCE_ID)
    if table.row_id:
        first.append((table.row_id, "BIGINT NOT NULL", "Row id: source_id * 2^32 + ordinal. It never changes."))
    if table.refers:
        first.append(("message_id", "BIGINT NOT NULL" if table.refers_always else "BIGINT", "message.message_id."))
    own = [(column.name, sql_type(column.arrow), column.meaning) for column in table.columns if column.name != table.refers]
    return [*first, *own, *WRITERS_COLUMNS.get(table.name, ())]


def create_statements() -> Iterator[str]:
    """The DDL of all raw tables, with a comment for each table and column."""
    for table in TABLES.values():
        listed = store_columns(table)
        fields = ", ".join(f'"{name}" {kind}' for name, kind, _ in listed)
        yield f'CREATE TABLE "{table.name}" ({fields})'
        yield f'COMMENT ON TABLE "{table.name}" IS {quoted(table.grain)}'
        for name, _, meaning in listed:
            yield f'COMMENT ON COLUMN "{table.name}"."{name}" IS {quoted(meaning)}'


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"
