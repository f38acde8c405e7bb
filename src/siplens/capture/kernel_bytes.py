"""Reading numbers from bytes, and mixing them into a hash: the smallest parts of the compiled pass.

Functions of the pass take `Array`s by name, but get the addresses of their first elements.

Callers have checked that the bytes are there: nothing is checked here, and the compiler checks no bounds.
"""

from __future__ import annotations

from typing import Any

from siplens.capture.kernel_layout import Array
from siplens.native import Lazy, inner


def _loader(bits: int, *, big_endian: bool) -> Any:
    """A compiled function (buf, p) that loads an unsigned number of so many bits at any address, as one machine instruction."""

    def make() -> Any:
        from llvmlite import ir
        from numba import types
        from numba.extending import intrinsic

        def load(context: Any, buf: Any, p: Any) -> Any:
            def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
                place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(bits).as_pointer())
                value = builder.load(place, align=1)
                if big_endian:
                    value = builder.bswap(value)
                return value if bits == 64 else builder.zext(value, ir.IntType(64))

            return types.int64(buf, types.int64), generate

        return intrinsic(load)

    return Lazy(make)


be16 = _loader(16, big_endian=True)
be32 = _loader(32, big_endian=True)
be64 = _loader(64, big_endian=True)
le16 = _loader(16, big_endian=False)
le32 = _loader(32, big_endian=False)
"""Numbers at buf[p] in network byte order, and in that of little-endian files: unsigned, but be64 gives 64 bits as a signed number."""


def _fetcher(*, to_write: bool) -> Any:
    """A compiled function (array, place) that begins to fetch the cache line of array[place]; the processor goes on meanwhile."""

    def make() -> Any:
        from llvmlite import ir
        from numba import types
        from numba.extending import intrinsic

        def fetch(context: Any, array: Any, p: Any) -> Any:
            def generate(target: Any, builder: Any, signature: Any, arguments: Any) -> Any:
                place = builder.bitcast(builder.gep(arguments[0], [arguments[1]]), ir.IntType(8).as_pointer())
                number = ir.IntType(32)
                kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
                # The last two: to be kept near, data.
                hints = [number(int(to_write)), number(3), number(1)]
                builder.call(builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind), [place, *hints])
                return ir.Constant(ir.IntType(64), 0)

            return types.int64(array, types.int64), generate

        return intrinsic(fetch)

    return Lazy(make)


fetch_to_read = _fetcher(to_write=False)
fetch_to_write = _fetcher(to_write=True)
"""Begin to fetch the cache line of array[p] from memory. A place that is not there does no harm."""

__all__ = ["be16", "be32", "be64", "fetch_to_read", "fetch_to_write", "file16", "file32", "hash3", "hash5", "inner", "le16", "le32", "mix"]


@inner
def file32(buf: Array, p: int, swapped: int) -> int:
    """Unsigned 32-bit number at p in the file's byte order: little endian, or big endian where swapped is 1."""
    number: int = be32(buf, p) if swapped == 1 else le32(buf, p)
    return number


@inner
def file16(buf: Array, p: int, swapped: int) -> int:
    """Unsigned 16-bit number at p in the file's byte order."""
    number: int = be16(buf, p) if swapped == 1 else le16(buf, p)
    return number


@inner
def mix(h: int, value: int) -> int:
    """Hash of an earlier hash and one more number."""
    h = (h ^ value) * -7046029254386353131
    return h ^ ((h >> 29) & 0x7FFFFFFFF)


@inner
def hash5(seed: int, a: int, b: int, c: int, d: int, e: int) -> int:
    """Hash of five numbers; never negative. a and c, zero with IPv4, cost nothing then."""
    h = mix(mix(mix(seed, b), d), e)
    if a != 0 or c != 0:
        h = mix(mix(h, a), c)
    return h & 0x7FFFFFFFFFFFFFFF


@inner
def hash3(seed: int, a: int, b: int, c: int) -> int:
    """Hash of three numbers; never negative."""
    return mix(mix(mix(seed, b), c), a) & 0x7FFFFFFFFFFFFFFF
