"""Machine code out of an ELF object file into this process, without the compiler that made it: loading LLVM takes longer than the rest.

Only what Numba's code for Linux on x86-64 needs: every address in it is a whole 64-bit one. For anything else the answer is None, and
LLVM loads it.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import struct
from collections.abc import Mapping
from typing import NamedTuple

_RELOCATABLE_X86_64 = struct.pack("<HH", 1, 62)
_ALLOCATED = 2
_SYMBOL_TABLE, _NO_BITS, _RELOCATIONS = 2, 8, 4
_WHOLE_ADDRESS = 1
"""R_X86_64_64 of the System V ABI for AMD64: symbol + addend, 64 bits."""
_UNDEFINED, _ABSOLUTE = 0, 0xFFF1
_SYMBOL_SIZE, _RELOCATION_SIZE = 24, 24
_MASK = (1 << 64) - 1


class _Section(NamedTuple):
    """A section header, in the order in which it stands in the file."""

    name: int
    kind: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class _Symbol(NamedTuple):
    """A symbol as it stands in the file."""

    name: int
    kind: int
    other: int
    section: int
    value: int
    size: int


_loaded: list[mmap.mmap] = []
"""Code stays for the process's life."""


def load(code: bytes, names: Mapping[str, int]) -> dict[str, int] | None:
    """Addresses of the functions in an object file, which is loaded; None where it is of a kind that only LLVM can load.

    names: addresses of what it may need from outside, beside the C library's functions.
    """
    if os.name != "posix" or code[:6] != b"\x7fELF\x02\x01" or code[16:20] != _RELOCATABLE_X86_64:
        return None
    sections = _sections(code)
    placed, size = _places(code, sections)
    room = mmap.mmap(-1, max(size, 1))
    base = ctypes.addressof(ctypes.c_char.from_buffer(room))
    for number, place in placed.items():
        section = sections[number]
        if section.kind != _NO_BITS:
            room[place : place + section.size] = code[section.offset : section.offset + section.size]
    symbols = next((section for section in sections if section.kind == _SYMBOL_TABLE), None)
    if symbols is None:
        return None
    found = [_Symbol(*fields) for fields in struct.iter_unpack("<IBBHQQ", _content(code, symbols))]
    texts = _content(code, sections[symbols.link])
    addresses = [_address(symbol, _text(texts, symbol.name), placed, base, names) for symbol in found]
    for section in sections:
        if section.kind != _RELOCATIONS or section.info not in placed:
            continue
        for offset, what, addend in struct.iter_unpack("<QQq", _content(code, section)):
            address = addresses[what >> 32]
            if what & 0xFFFFFFFF != _WHOLE_ADDRESS or address is None:
                return None
            struct.pack_into("<Q", room, placed[section.info] + offset, address + addend & _MASK)
    if ctypes.CDLL(None).mprotect(ctypes.c_void_p(base), ctypes.c_size_t(len(room)), mmap.PROT_READ | mmap.PROT_EXEC):
        return None
    _loaded.append(room)
    return {
        _text(texts, symbol.name): address
        for symbol, address in zip(found, addresses, strict=True)
        if address is not None and symbol.section in placed
    }


def _sections(code: bytes) -> list[_Section]:
    (start,) = struct.unpack_from("<Q", code, 40)
    size, count = struct.unpack_from("<HH", code, 58)
    return [_Section(*struct.unpack_from("<IIQQQQIIQQ", code, start + number * size)) for number in range(count)]


def _places(code: bytes, sections: list[_Section]) -> tuple[dict[int, int], int]:
    """Where each section that is needed at run time goes, and how much room all take. Tables for unwinding are not needed."""
    (of_names,) = struct.unpack_from("<H", code, 62)
    names = _content(code, sections[of_names])
    placed, end = dict[int, int](), 0
    for number, section in enumerate(sections):
        if section.flags & _ALLOCATED and section.size and _text(names, section.name) != ".eh_frame":
            step = max(section.alignment, 1)
            placed[number] = (end + step - 1) // step * step
            end = placed[number] + section.size
    return placed, end


def _content(code: bytes, section: _Section) -> bytes:
    return code[section.offset : section.offset + section.size]


def _text(texts: bytes, start: int) -> str:
    return texts[start : texts.index(b"\0", start)].decode()


def _address(symbol: _Symbol, name: str, placed: dict[int, int], base: int, names: Mapping[str, int]) -> int | None:
    """Where a symbol is in this process; None where it is nowhere, which matters only if the code asks for it."""
    if symbol.section == _ABSOLUTE:
        return symbol.value
    if symbol.section != _UNDEFINED:
        return base + placed[symbol.section] + symbol.value if symbol.section in placed else None
    if name in names or not name:
        return names.get(name)
    try:
        return ctypes.cast(getattr(ctypes.CDLL(None), name), ctypes.c_void_p).value
    except AttributeError:
        return None
