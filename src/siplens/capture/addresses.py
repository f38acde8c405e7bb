"""Addresses as the pass keeps them, two 64-bit halves, into canonical text (RFC 5952 for IPv6)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address

import numpy as np
import pyarrow as pa

from siplens.capture.kernel_layout import Array

_MAPPED = 0xFFFF


@lru_cache(maxsize=1 << 16)
def address_text(hi: int, lo: int) -> str:
    """Text of one address; hi and lo are signed halves, IPv4 is ::ffff:a.b.c.d."""
    if hi == 0 and lo >> 32 == _MAPPED:
        return f"{lo >> 24 & 255}.{lo >> 16 & 255}.{lo >> 8 & 255}.{lo & 255}"
    return str(IPv6Address((hi & 0xFFFFFFFFFFFFFFFF) << 64 | (lo & 0xFFFFFFFFFFFFFFFF)))


def address_column(hi: Array, lo: Array) -> pa.Array:
    """Texts of many addresses; each distinct one is written once."""
    if not len(hi):
        return pa.array([], pa.string())
    halves = np.ascontiguousarray(np.stack([hi, lo], axis=1))
    distinct, which = np.unique(halves, axis=0, return_inverse=True)
    texts = pa.array([address_text(int(high), int(low)) for high, low in distinct], pa.string())
    return texts.take(pa.array(which.ravel()))
