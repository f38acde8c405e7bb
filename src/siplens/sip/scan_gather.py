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
