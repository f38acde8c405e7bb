"""Addresses as the pass keeps them, two 64-bit halves, into canonical text (RFC 5952 for IPv6)."""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

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


def halves(text: str) -> tuple[int, int]:
    """An address's text as the pass keeps it: two signed halves, IPv4 as ::ffff:a.b.c.d."""
    address = ip_address(text)
    number = int(address) + (_MAPPED << 32 if address.version == 4 else 0)
    hi, lo = struct.unpack(">qq", number.to_bytes(16, "big"))
    return hi, lo


def address_column(hi: Array, lo: Array) -> pa.Array:
    """Texts of many addresses; each distinct one is written once."""
    if not len(hi):
        return pa.array([], pa.string())
    halves = np.stack([hi, lo], axis=1).astype("<i8")
    wide = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(halves), [None, pa.py_buffer(halves.tobytes())])
    coded = wide.dictionary_encode()
    texts = [address_text(*struct.unpack("<qq", value)) for value in coded.dictionary.to_pylist()]
    return pa.array(texts, pa.string()).take(coded.indices)
