"""Compiled copying: pieces of a buffer, one after another, as Arrow's string columns want their bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import native
from siplens.sip.scan_text import SOURCES


@native("void(u1[], u1[], i8[], i8[], i4[], u1[])", sources=SOURCES)
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
