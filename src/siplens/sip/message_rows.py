"""Scanned messages into rows of `message`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.arrays import as_column
from siplens.records.signalling import LOGGED, MESSAGE, OBSERVED
from siplens.records.table import HEADERS, Batch
from siplens.sip import layout
from siplens.sip.names import KIND_OF_COLUMN, TEXT_COLUMNS
from siplens.sip.problems import problem_lists
from siplens.sip.text_columns import Headers, chosen, header_texts, lowered, may_hold, numbers, texts

_COPIED = {
    "start_line": layout.START_LINE,
    "method": layout.METHOD,
    "reason_phrase": layout.REASON_PHRASE,
    "request_uri": layout.REQUEST_URI,
    "call_id": layout.CALL_ID_VALUE,
    "branch": layout.BRANCH,
    "via_sent_by": layout.SENT_BY,
    "from_uri": layout.FROM_URI,
    "from_user": layout.FROM_USER,
    "from_display": layout.FROM_DISPLAY,
    "from_tag": layout.FROM_TAG,
    "to_uri": layout.TO_URI,
    "to_user": layout.TO_USER,
    "to_tag": layout.TO_TAG,
    "contact_uri": layout.CONTACT_URI,
    "content_type": layout.CONTENT_TYPE_VALUE,
    "body": layout.BODY,
}
_NUMBERS = {"status": layout.STATUS, "cseq": layout.CSEQ_NUMBER, "rseq": layout.RSEQ_NUMBER, "body_bytes": layout.BODY_SIZE}


class Scanned(NamedTuple):
    """What the scan found in one buffer; the arrays are those of `scan_message.scan`."""

    buffer: NDArray[np.uint8]
    at: NDArray[np.int64]
    size: NDArray[np.int64]
    numbers: NDArray[np.int64]
    problems: NDArray[np.int64]
    needs: NDArray[np.uint8]
    body_kind: NDArray[np.int8]
    header_first: NDArray[np.int64]
    headers: NDArray[np.int64]
    kinds: NDArray[np.int16]


def message_batch(scanned: Scanned, is_latin: NDArray[np.bool_], observed: pa.RecordBatch, first_ordinal: int) -> Batch:
    """Rows of `message`. is_latin: messages whose text was read as latin-1."""
    n = scanned.needs.size
    columns: dict[str, pa.Array] = {"ordinal": as_column(np.arange(first_ordinal, first_ordinal + n, dtype=np.int32))}
    columns |= {column.name: observed.column(index) for index, column in enumerate(OBSERVED)}
    logged = observed.schema.names[len(OBSERVED) :]
    columns |= {column.name: observed.column(column.name) if logged else pa.nulls(n, column.arrow) for column in LOGGED}
    if columns["transport"].null_count:
        via = texts(scanned.buffer, scanned.at[layout.VIA_TRANSPORT], scanned.size[layout.VIA_TRANSPORT])
        columns["transport"] = _either(columns["transport"], lowered(via))
    columns |= {name: texts(scanned.buffer, scanned.at[row], scanned.size[row]) for name, row in _COPIED.items()}
    columns["from_display"] = _unescaped(columns["from_display"])
    for name, row in _NUMBERS.items():
        columns[name] = numbers(scanned.numbers[row], MESSAGE.schema.field(name).type)
    columns |= _text_columns(scanned)
    columns["headers"] = _headers(scanned)
    columns["charset"] = chosen(["utf-8", "latin-1"], is_latin.astype(np.int8))
    columns["problems"] = problem_lists(scanned.problems)
    return Batch(MESSAGE.name, pa.RecordBatch.from_pydict(columns, schema=MESSAGE.schema))


def _text_columns(scanned: Scanned) -> dict[str, pa.Array]:
    present = np.bincount(scanned.kinds, minlength=layout.FIRST_TEXT + len(TEXT_COLUMNS)) > 0
    n, count = scanned.needs.size, scanned.kinds.size
    owners = np.repeat(np.arange(n), np.diff(scanned.header_first))
    headers = Headers(owners, scanned.kinds, scanned.headers[:, :count])
    columns = {}
    for text in TEXT_COLUMNS:
        if text.column.startswith("_"):
            continue
        kind = KIND_OF_COLUMN[text.column]
        instead = KIND_OF_COLUMN[text.instead] if text.instead else 0
        if not present[kind] and not (instead and present[instead]):
            columns[text.column] = pa.nulls(n, pa.string())
            continue
        columns[text.column] = header_texts(scanned.buffer, headers, n, kind, instead, text.join, text.named)
    return columns


def _headers(scanned: Scanned) -> pa.Array:
    fields = [HEADERS.value_type.field(index) for index in range(2)]
    count = scanned.kinds.size
    pairs = [texts(scanned.buffer, scanned.headers[row, :count], scanned.headers[row + 1, :count]) for row in (0, 2)]
    return pa.ListArray.from_arrays(as_column(scanned.header_first, pa.int32()), pa.StructArray.from_arrays(pairs, fields=fields))


def _either(first: pa.Array, second: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    return pc.coalesce(first, second)


def _unescaped(displays: pa.Array) -> pa.Array:
    """Display names without the backslashes of quoted pairs (RFC 3261 25.1)."""
    if not may_hold(displays, b"\\"):
        return displays
    import pyarrow.compute as pc

    return pc.replace_substring_regex(displays, r"\\(.)", r"\1")
