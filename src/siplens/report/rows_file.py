"""Writes a query's rows to a file whose ending names the format. DuckDB itself may not: its access to files is off."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.errors import QueryError, SiplensError

if TYPE_CHECKING:
    import pyarrow as pa

    from siplens.store import Store

ROWS_AT_ONCE = 65536


def write_rows(store: Store, statement: str, path: Path, params: dict[str, str] | None = None, *, most_bytes: int | None = None) -> int:
    """Runs `statement`, with `params` bound to its $names, and writes its rows to `path`; returns how many there were.

    The path's ending names the format: .parquet, .csv, .json or .ndjson. Raises QueryError, also where the file would grow beyond
    `most_bytes`.
    """
    import duckdb
    import pyarrow as pa

    writers = {".parquet": _parquet, ".csv": _csv, ".json": _json, ".ndjson": _ndjson}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise SiplensError(f"{path}: its ending names no format", hint="endings known: " + ", ".join(writers))
    try:
        relation = store.con.sql(statement, params=params or None)
        if relation is None:
            raise QueryError("this statement gives no rows to write", hint="give a SELECT")
        batches = relation.to_arrow_reader(ROWS_AT_ONCE)
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from error
    part = path.with_name(path.name + ".part")
    try:
        amount = writer(pa.RecordBatchReader.from_batches(batches.schema, _bounded(batches, part, most_bytes)), part)
        part.replace(path)
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        # A value far down that cannot be cast comes out of Arrow's reader as an OSError without a number; a full disk has one.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise QueryError(str(error).strip()) from error
    finally:
        part.unlink(missing_ok=True)
    return amount


def _bounded(batches: pa.RecordBatchReader, path: Path, most_bytes: int | None) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch
        if most_bytes is not None and path.stat().st_size > most_bytes:
            raise QueryError(
                f"the rows take more than {most_bytes / 1e9:.1f} GB", hint="ask for less, or write them with 'siplens sql -o FILE'"
            )


def _parquet(batches: pa.RecordBatchReader, path: Path) -> int:
    import pyarrow.parquet as pq

    amount = 0
    with pq.ParquetWriter(path, batches.schema) as file:
        for batch in batches:
            file.write_batch(batch)
            amount += batch.num_rows
    return amount


def _csv(batches: pa.RecordBatchReader, path: Path) -> int:
    from siplens.report.text import csv_cell
    from siplens.report.values import words

    amount = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([csv_cell(name) for name in batches.schema.names])
        for batch in batches:
            for row in zip(*[column.to_pylist() for column in batch.columns], strict=True):
                writer.writerow([str(value) if isinstance(value, int | float) else csv_cell(words(value)) for value in row])
            amount += batch.num_rows
    return amount


def _json(batches: pa.RecordBatchReader, path: Path) -> int:
    from siplens.report.values import plain

    amount = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("[")
        for batch in batches:
            for row in batch.to_pylist():
                file.write(("," if amount else "") + "\n" + json.dumps(plain(row)))
                amount += 1
        file.write("\n]\n")
    return amount


def _ndjson(batches: pa.RecordBatchReader, path: Path) -> int:
    from siplens.report.values import plain

    amount = 0
    with path.open("w", encoding="utf-8") as file:
        for batch in batches:
            file.writelines(json.dumps(plain(row)) + "\n" for row in batch.to_pylist())
            amount += batch.num_rows
    return amount
