"""Reading numbers from bytes, and mixing them into a hash: the smallest parts of the compiled pass.

Callers have checked that the bytes are there: nothing is checked here, and the compiler checks no bounds.
"""

from __future__ import annotations

from typing import Any

from numba import njit

from siplens.capture.kernel_layout import Array


inner: Any = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""Decorator of functions that only compiled code calls: without wrappers for Python they compile faster. Such functions
must not be called with literal numbers or tuples: each would make a version of its own."""


@inner
def be16(buf: Array, p: int) -> int:
    """Unsigned 16-bit number at p, network byte order."""
    return buf[p] * 256 + buf[p + 1]


@inner
def be32(buf: Array, p: int) -> int:
    """Unsigned 32-bit number at p, network byte order."""
    return buf[p] * 16777216 + buf[p + 1] * 65536 + buf[p + 2] * 256 + buf[p + 3]


@inner
def be64(buf: Array, p: int) -> int:
    """64 bits at p, network byte order, as a signed number."""
    return be32(buf, p) * 4294967296 + be32(buf, p + 4)


@inner
def file32(buf: Array, p: int, swapped: int) -> int:
    """Unsigned 32-bit number at p in the file's byte order: little endian, or big endian where swapped is 1."""
    if swapped == 1:
        return be32(buf, p)
    return buf[p] + buf[p + 1] * 256 + buf[p + 2] * 65536 + buf[p + 3] * 16777216


@inner
def file16(buf: Array, p: int, swapped: int) -> int:
    """Unsigned 16-bit number at p in the file's byte order."""
    if swapped == 1:
        return be16(buf, p)
    return buf[p] + buf[p + 1] * 256


@inner
def mix(h: int, value: int) -> int:
    """Hash of an earlier hash and one more number."""
    h = (h ^ value) * -7046029254386353131
    return h ^ ((h >> 29) & 0x7FFFFFFFF)


@inner
def hash5(seed: int, a: int, b: int, c: int, d: int, e: int) -> int:
    """Hash of five numbers; never negative."""
    h = mix(mix(mix(mix(mix(seed, b), d), e), a), c)
    return h & 0x7FFFFFFFFFFFFFFF


@inner
def hash3(seed: int, a: int, b: int, c: int) -> int:
    """Hash of three numbers; never negative."""
    return mix(mix(mix(seed, b), c), a) & 0x7FFFFFFFFFFFFFFF
