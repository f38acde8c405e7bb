"""Addresses as the pass keeps them, two 64-bit halves, into canonical text (RFC 5952 for IPv6)."""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

import pyarrow as pa

from siplens.capture.kernel_layout import Array
from siplens.sip.text_columns import chosen, distinct

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
    some_hi, which_hi = distinct(hi)
    some_lo, which_lo = distinct(lo)
    pairs, which = distinct(which_hi * len(some_lo) + which_lo)
    return chosen([address_text(int(some_hi[pair // len(some_lo)]), int(some_lo[pair % len(some_lo)])) for pair in pairs.tolist()], which)
