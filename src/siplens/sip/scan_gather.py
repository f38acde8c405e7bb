"""Compiled copying: pieces of a buffer, one after another, as Arrow's string columns want their bytes."""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

_BYTES = nb.types.Array(nb.uint8, 1, "C", readonly=True)


@nb.njit(nb.void(_BYTES, _BYTES, nb.int64[::1], nb.int64[::1], nb.int32[::1], nb.uint8[::1]), nogil=True, cache=True, error_model="numpy")
def gather(
    buffer: NDArray[np.uint8],
    extra: NDArray[np.uint8],
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    offsets: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    """Copies buffer[at : at + size] to out[offsets:], row by row; sizes below 1 are skipped. at below 0: position -1 - at of `extra`."""
    for i in range(at.size):
        n = size[i]
        if n < 1:
            continue
        to = offsets[i]
        if at[i] >= 0:
            for k in range(n):
                out[np.uint64(to + k)] = buffer[np.uint64(at[i] + k)]
        else:
            for k in range(n):
                out[np.uint64(to + k)] = extra[np.uint64(-1 - at[i] + k)]


@nb.njit(
    nb.void(nb.int64[::1], nb.int16[::1], nb.int64[:, ::1], nb.int64, nb.int64, nb.int64, nb.boolean, nb.int64[::1]), nogil=True, cache=True
)
def measure_headers(
    header_first: NDArray[np.int64],
    kinds: NDArray[np.int16],
    headers: NDArray[np.int64],
    kind: int,
    instead: int,
    separator: int,
    named: bool,
    size: NDArray[np.int64],
) -> None:
    """Bytes of all headers of `kind` (else of `instead`) of each message, `separator` bytes between them; -1 where there is none."""
    for i in range(size.size):
        size[i] = -1
        for wanted in (kind, instead):
            if wanted == 0 or size[i] >= 0:
                continue
            for h in range(header_first[i], header_first[i + 1]):
                if kinds[h] == wanted:
                    size[i] = headers[3, h] + (headers[1, h] + 2 if named else 0) + (size[i] + separator if size[i] >= 0 else 0)


@nb.njit(
    nb.void(_BYTES, nb.int64[::1], nb.int16[::1], nb.int64[:, ::1], nb.int64, nb.int64, _BYTES, nb.boolean, nb.int32[::1], nb.uint8[::1]),
    nogil=True,
    cache=True,
)
def copy_headers(
    buffer: NDArray[np.uint8],
    header_first: NDArray[np.int64],
    kinds: NDArray[np.int16],
    headers: NDArray[np.int64],
    kind: int,
    instead: int,
    separator: NDArray[np.uint8],
    named: bool,
    offsets: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    """Copies what `measure_headers` measured: `value<separator>value`, each led by `name: ` where named."""
    for i in range(header_first.size - 1):
        to = offsets[i]
        if offsets[i + 1] == to:
            continue
        found = False
        for wanted in (kind, instead):
            if wanted == 0 or found:
                continue
            for h in range(header_first[i], header_first[i + 1]):
                if kinds[h] != wanted:
                    continue
                if found:
                    for k in range(separator.size):
                        out[np.uint64(to + k)] = separator[k]
                    to += separator.size
                found = True
                if named:
                    for k in range(headers[1, h]):
                        out[np.uint64(to + k)] = buffer[np.uint64(headers[0, h] + k)]
                    to += headers[1, h]
                    out[np.uint64(to)] = 58
                    out[np.uint64(to + 1)] = 32
                    to += 2
                for k in range(headers[3, h]):
                    out[np.uint64(to + k)] = buffer[np.uint64(headers[2, h] + k)]
                to += headers[3, h]
