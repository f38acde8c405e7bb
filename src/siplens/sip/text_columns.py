"""Arrow string columns from positions in a buffer: offsets and bytes are built with NumPy, no Python text is made.

Arrow's own functions (pyarrow.compute) take as long to load as a small capture to read: they are loaded where there is work for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.arrays import as_column
from siplens.sip.scan_gather import gather

NOTHING = np.zeros(0, np.uint8)


def _offsets(size: NDArray[np.int64]) -> NDArray[np.int32]:
    offsets = np.zeros(size.size + 1, np.int32)
    np.cumsum(np.maximum(size, 0), out=offsets[1:], dtype=np.int32)
    return offsets


def _strings(size: NDArray[np.int64], offsets: NDArray[np.int32], text: NDArray[np.uint8]) -> pa.Array:
    missing = size < 0
    nulls = int(np.count_nonzero(missing))
    valid = pa.py_buffer(np.packbits(~missing, bitorder="little")) if nulls else None
    return pa.Array.from_buffers(pa.string(), size.size, [valid, pa.py_buffer(offsets), pa.py_buffer(text)], nulls)


def copied(buffer: NDArray[np.uint8], extra: NDArray[np.uint8], at: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The pieces one after another. Positions as in `scan_gather.gather`."""
    offsets = _offsets(size)
    text = np.empty(int(offsets[-1]), np.uint8)
    gather(buffer, extra, at, size, offsets, text)
    return text


def texts(buffer: NDArray[np.uint8], at: NDArray[np.int64], size: NDArray[np.int64], extra: NDArray[np.uint8] = NOTHING) -> pa.Array:
    """A string column: row i is buffer[at[i] : at[i] + size[i]], NULL where size is -1; below 0, `at` points into `extra`. UTF-8 given."""
    offsets = _offsets(size)
    text = np.empty(int(offsets[-1]), np.uint8)
    gather(buffer, extra, np.ascontiguousarray(at), np.ascontiguousarray(size), offsets, text)
    return _strings(size, offsets, text)


def chosen(words: Sequence[str], index: NDArray[np.integer]) -> pa.Array:
    """A string column: row i is words[index[i]]."""
    encoded = [word.encode() for word in words]
    sizes = np.array([len(word) for word in encoded], np.int64)
    begins = np.cumsum(sizes) - sizes
    return texts(np.frombuffer(b"".join(encoded) or b" ", np.uint8), begins[index], sizes[index])


def distinct(values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The different values, rising, and for each of `values` where it stands among them."""
    ordered = np.sort(values)
    kept = ordered[np.diff(ordered, prepend=ordered[:1] - 1) != 0]
    return kept, np.searchsorted(kept, values)


def may_hold(column: pa.Array, first: bytes, last: bytes | None = None) -> bool:
    """False where no text of a string column can have a byte from `first` to `last`; without last: that byte."""
    data = column.buffers()[2]
    if data is None:
        return False
    text = np.frombuffer(data, np.uint8)
    return bool(((text >= ord(first)) & (text <= ord(last or first))).any())


def lowered(column: pa.Array) -> pa.Array:
    """A string column in lower case."""
    if may_hold(column, b"\x80", b"\xff"):
        import pyarrow.compute as pc

        return pc.utf8_lower(column)
    if not may_hold(column, b"A", b"Z"):
        return column
    valid, offsets, data = column.buffers()
    text = np.frombuffer(data, np.uint8)
    small = np.where((text >= ord("A")) & (text <= ord("Z")), text | 0x20, text)
    return pa.Array.from_buffers(pa.string(), len(column), [valid, offsets, pa.py_buffer(small)], column.null_count, column.offset)


class Headers(NamedTuple):
    """All headers of a batch, in order."""

    message: NDArray[np.int64]
    """Row of the message that each belongs to."""
    kind: NDArray[np.int16]
    places: NDArray[np.int64]
    """(4, headers): position and size of the name, position and size of the value."""


def header_texts(
    buffer: NDArray[np.uint8], headers: Headers, rows: int, kind: int, instead: int, separator: bytes, named: bool
) -> pa.Array:
    """A string column of the headers of one kind, several of a message joined; of the kind `instead` (0: none) in messages that have none.

    rows: messages of the batch. named: each value is led by `name: `.
    """
    wanted = np.flatnonzero(headers.kind == kind)
    if instead:
        has_none = np.bincount(headers.message[wanted], minlength=rows) == 0
        others = np.flatnonzero(headers.kind == instead)
        wanted = np.sort(np.concatenate([wanted, others[has_none[headers.message[others]]]]))
    message = headers.message[wanted]
    name_at, name_size, value_at, value_size = headers.places[:, wanted]
    follows = np.concatenate([[False], message[1:] == message[:-1]]) if message.size else np.zeros(0, np.bool_)
    if not named and not follows.any():
        at, size = np.zeros(rows, np.int64), np.full(rows, -1, np.int64)
        at[message], size[message] = value_at, value_size
        return texts(buffer, at, size)
    # Pieces in the order in which they stand: separator, name, colon and space, value; those that are not wanted have no size.
    at = np.stack([np.full(wanted.size, -1), name_at, np.full(wanted.size, -1 - len(separator)), value_at], axis=1)
    size = np.stack([follows * len(separator), named * name_size, np.full(wanted.size, 2 * named), value_size], axis=1)
    extra = np.frombuffer(separator + b": ", np.uint8)
    text = copied(buffer, extra, np.ascontiguousarray(at.ravel()), np.ascontiguousarray(size.ravel()))
    total = np.bincount(message, weights=size.sum(axis=1), minlength=rows).astype(np.int64)
    total[np.bincount(message, minlength=rows) == 0] = -1
    return _strings(total, _offsets(total), text)


def numbers(values: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """A number column, NULL where the value is below 0."""
    return as_column(values, kind, values >= 0)
