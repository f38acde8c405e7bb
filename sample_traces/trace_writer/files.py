"""Capture files: pcap with µs, pcapng with ns and several interfaces. Both little-endian, Ethernet."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SNAPLEN = 262144


class Frame(NamedTuple):
    """A frame as captured: Unix time in nanoseconds, number of the interface, bytes."""

    unix_ns: int
    interface: int
    data: bytes


def pcap(frames: Iterable[Frame]) -> bytes:
    """A whole pcap file. The format knows one interface and microseconds; the rest is cut off."""
    chunks = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, SNAPLEN, 1)]
    for unix_ns, _, data in frames:
        seconds, rest = divmod(unix_ns, 1_000_000_000)
        chunks.append(struct.pack("<IIII", seconds, rest // 1000, len(data), len(data)) + data)
    return b"".join(chunks)


def pcapng(frames: Iterable[Frame], interfaces: Sequence[str], comment: str) -> bytes:
    """A whole pcapng file: section header with a comment, one interface description each, enhanced packet blocks."""
    options = _option(1, comment.encode()) + _option(4, b"siplens trace_writer") + _option(0, b"")
    chunks = [_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)]
    for name in interfaces:
        options = _option(2, name.encode()) + _option(9, b"\x09") + _option(0, b"")
        chunks.append(_block(1, struct.pack("<HHI", 1, 0, SNAPLEN) + options))
    for unix_ns, interface, data in frames:
        head = struct.pack("<IIIII", interface, unix_ns >> 32, unix_ns & 0xFFFFFFFF, len(data), len(data))
        chunks.append(_block(6, head + _padded(data)))
    return b"".join(chunks)


def _block(kind: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + _padded(value)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
