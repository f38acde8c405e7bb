"""SIP messages for tests: writing them, and reading them into rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

Rows = dict[str, list[dict[str, Any]]]


def parsed(*messages: bytes) -> Rows:
    """All rows of the messages, by table; every table is there. Nothing is known of when and between whom they were seen."""
    from siplens.records.signalling import OBSERVED, RAW
    from siplens.sip import parse_messages

    lengths = np.array([len(message) for message in messages], np.int64)
    observed = pa.RecordBatch.from_arrays(
        [pa.nulls(len(messages), column.arrow) for column in OBSERVED], names=[column.name for column in OBSERVED]
    )
    rows: Rows = {table.name: [] for table in RAW}
    buffer = np.frombuffer(b"".join(messages), np.uint8)
    for batch in parse_messages(buffer, np.cumsum(lengths) - lengths, lengths, observed, 0):
        batch.rows.validate(full=True)
        rows[batch.table] += batch.rows.to_pylist()
    return rows


def invite(
    *headers: str, body: bytes = b"", start: str = "INVITE sip:+493012@10.1.0.10 SIP/2.0", instead: dict[str, str] | None = None
) -> bytes:
    """An INVITE with all that is mandatory. headers: more of them. instead: other values for mandatory ones, "" to leave one out."""
    values = {
        "Via": "SIP/2.0/TCP 10.2.0.20:5060;branch=z9hG4bK1",
        "From": "<sip:+49301@10.2.0.20>;tag=f1",
        "To": "<sip:+493012@10.1.0.10>",
        "Call-ID": "c1@10.2.0.20",
        "CSeq": "1 INVITE",
    } | (instead or {})
    lines = [start, *(f"{name}: {value}" for name, value in values.items() if value), *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
