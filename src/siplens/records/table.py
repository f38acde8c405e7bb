"""What a raw table is: its name, its grain, and its columns with their meaning. The Arrow schema and the DDL come from it.

Readers yield `Batch`es of these tables. Three columns are the writer's and no reader fills them: `source_id`, and the row
id that a table names in `row_id` (made of source_id and the reader's `ordinal`, so that it never changes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

ROWS_PER_SOURCE = 1 << 32
"""A row id is source_id * ROWS_PER_SOURCE + ordinal: the same file ingested first gets the same ids, without a look-up."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its Arrow type and the sentence that `siplens schema` prints."""

    name: str
    arrow: pa.DataType
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One raw table. `columns` are what a reader yields; the writer adds source_id, and `row_id` where it is named."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    row_id: str | None = None
    refers: str | None = None
    """Column that holds the ordinal of a `message` row in reader batches, and its message_id in the store."""
    refers_always: bool = True
    """False where a row may be of no message."""

    @property
    def schema(self) -> pa.Schema:
        """Arrow schema of the batches that a reader yields for this table."""
        return pa.schema([(column.name, column.arrow) for column in self.columns])


class Batch(NamedTuple):
    """Rows of one raw table, in the Arrow schema of that table."""

    table: str
    rows: pa.RecordBatch


TS = pa.timestamp("us")
"""UTC, without zone: DuckDB TIMESTAMP."""
TEXT = pa.string()
TEXTS = pa.list_(pa.string())
INT = pa.int32()
LONG = pa.int64()
REAL = pa.float64()
BOOL = pa.bool_()
HEADERS = pa.list_(pa.struct([("name", pa.string()), ("value", pa.string())]))


def columns(*rows: tuple[str, pa.DataType, str]) -> tuple[Column, ...]:
    """Columns from (name, type, meaning) rows."""
    return tuple(Column(*row) for row in rows)
