"""Rows of the pass into the columns of SIP observations, and small rows of evidence into record batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from siplens.capture import kernel_layout as k
from siplens.capture.addresses import address_column, address_text
from siplens.capture.kernel_layout import Array
from siplens.records import TABLES, Batch
from siplens.records.arrays import as_column
from siplens.records.signalling import OBSERVED

Row = dict[str, Any]

_OBSERVED_SCHEMA = pa.schema([(column.name, column.arrow) for column in OBSERVED])
_TRANSPORTS = {
    k.KIND_UDP: "udp",
    k.KIND_TCP: "tcp",
    k.KIND_HEP: "tcp",
    k.KIND_TLS: "tls",
    k.KIND_WS: "ws",
    k.KIND_WSS: "wss",
    k.KIND_SCTP: "sctp",
}


def microseconds(times: Array) -> pa.Array:
    """Timestamps in microseconds from nanoseconds since 1970; NULL where a packet has none."""
    return as_column(np.floor_divide(times, 1000), pa.timestamp("us"), times != k.NO_TIME)


def timestamp(time: int) -> int | None:
    """One timestamp in microseconds, None where a packet has none."""
    return None if time == k.NO_TIME else time // 1000


def observed(rows: Array) -> pa.RecordBatch:
    """What is known of messages besides their bytes: the columns of `signalling.OBSERVED`."""
    count = len(rows)
    nothing = pa.nulls(count, pa.string())
    transports = pa.array([_TRANSPORTS[int(kind)] for kind in rows[:, k.R_KIND]], pa.string())
    columns = {
        "frame": as_column(rows[:, k.R_FRAME]),
        "line": pa.nulls(count, pa.int64()),
        "byte_offset": as_column(rows[:, k.R_OFFSET]),
        "ts": microseconds(rows[:, k.R_TIME]),
        "src_ip": address_column(rows[:, k.R_SRC_HI], rows[:, k.R_SRC_LO]),
        "src_port": as_column(rows[:, k.R_SRC_PORT], pa.int32()),
        "dst_ip": address_column(rows[:, k.R_DST_HI], rows[:, k.R_DST_LO]),
        "dst_port": as_column(rows[:, k.R_DST_PORT], pa.int32()),
        "src_name": nothing,
        "dst_name": nothing,
        "transport": transports,
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in _OBSERVED_SCHEMA.names], schema=_OBSERVED_SCHEMA)


def where(row: Array) -> Row:
    """Frame, time and hop of one packet that was set aside."""
    return {
        "frame": int(row[k.R_FRAME]),
        "ts": timestamp(int(row[k.R_TIME])),
        "src_ip": address_text(int(row[k.R_SRC_HI]), int(row[k.R_SRC_LO])),
        "src_port": int(row[k.R_SRC_PORT]),
        "dst_ip": address_text(int(row[k.R_DST_HI]), int(row[k.R_DST_LO])),
        "dst_port": int(row[k.R_DST_PORT]),
    }


class Gathered:
    """Rows of the small tables, until there are enough for a batch."""

    _ENOUGH = 10_000

    def __init__(self) -> None:
        self._rows: dict[str, list[Row]] = {}

    def add(self, table: str, row: Row) -> None:
        """Keep a row."""
        self._rows.setdefault(table, []).append(row)

    def batches(self, *, at_end: bool = False) -> list[Batch]:
        """Batches of the tables that have many rows, or, at the end, any."""
        ready = [name for name, rows in self._rows.items() if rows and (at_end or len(rows) >= self._ENOUGH)]
        return [batch(name, self._rows.pop(name)) for name in ready]


def batch(table: str, rows: list[Row]) -> Batch:
    """A record batch of a table from rows; columns that a row does not name are NULL."""
    schema = TABLES[table].schema
    arrays = [pa.array([row.get(field.name) for row in rows], field.type) for field in schema]
    return Batch(table, pa.RecordBatch.from_arrays(arrays, schema=schema))
