"""Arrow string columns from positions in a buffer: offsets and bytes are built with NumPy, no Python text is made."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.sip.scan_gather import copy_headers, gather, measure_headers

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


def header_texts(
    buffer: NDArray[np.uint8],
    header_first: NDArray[np.int64],
    kinds: NDArray[np.int16],
    headers: NDArray[np.int64],
    kind: int,
    instead: int,
    separator: bytes,
    named: bool,
) -> pa.Array:
    """A string column of the headers of one kind, joined; of the kind `instead` (0: none) in messages that have none."""
    size = np.empty(header_first.size - 1, np.int64)
    measure_headers(header_first, kinds, headers, kind, instead, len(separator), named, size)
    offsets = _offsets(size)
    text = np.empty(int(offsets[-1]), np.uint8)
    between = np.frombuffer(separator, np.uint8)
    copy_headers(buffer, header_first, kinds, headers, kind, instead, between, named, offsets, text)
    return _strings(size, offsets, text)


def numbers(values: NDArray[np.int64], kind: pa.DataType) -> pa.Array:
    """A number column, NULL where the value is below 0."""
    return pa.array(values, kind, mask=values < 0)
