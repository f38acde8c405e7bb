"""HEP version 3, in which capture agents send copies of packets to Homer: its packets in a TCP stream, and compressed payloads.

A HEP packet begins with "HEP3" and its own length in 16 bits; then come chunks: vendor, type, length (these six bytes with it), value.
The compiled pass takes chunks apart (`kernel_tunnels`). Here packets are only found, and given the form in which the pass meets
them in a datagram.
"""

from __future__ import annotations

import re
import struct
import zlib

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_layout import Array

_MAGIC = b"HEP3"
_CHUNK = 6
_ANY_HEADER = re.compile(rb"HEP3[\s\S]{2}\0\0\0[\x01-\x12]\0[\x07-\x16]")
"""A header whose first chunk is one of those that every agent sends first: small, and of no vendor's own."""
_START = 6
"""Bytes before the first chunk."""
HEADER = _START + _CHUNK
"""Bytes that tell a packet: its header, and that of its first chunk."""
_PAYLOAD, _PACKED = 15, 16
_LONGEST = 65_535
_UDP = 17


def begins(buffer: bytes | bytearray) -> bool:
    """Whether bytes begin with a HEP packet's header, as far as they go: at least its first word, and lengths that can be."""
    if not buffer.startswith(_MAGIC):
        return False
    size = struct.unpack_from("!H", buffer, 4)[0] if len(buffer) >= _START else _LONGEST
    chunk = struct.unpack_from("!H", buffer, 10)[0] if len(buffer) >= HEADER else _CHUNK
    return size >= HEADER and _CHUNK <= chunk <= size - _START


def find(buffer: bytes | bytearray, start: int = 0) -> int:
    """Where the next packet's header begins, beyond doubt; -1 where none does."""
    found = _ANY_HEADER.search(buffer, start)
    return found.start() if found else -1


def length(buffer: bytes | bytearray) -> int | None:
    """Length of the packet at the buffer's beginning; None where it is not said yet."""
    return int(struct.unpack_from("!H", buffer, 4)[0]) if len(buffer) >= _START else None


def may_begin_within(buffer: bytes | bytearray) -> int:
    """Where, in a buffer without a whole header, one may still begin."""
    return max(0, len(buffer) - HEADER + 1)


def datagram(packet: bytes, row: Array) -> bytes:
    """The IP packet that would have carried a HEP packet over UDP: IPv6, which has room for IPv4 addresses as the pass writes them.

    Both lengths are zero: a HEP packet may be longer than a datagram, and the pass goes to the end then.
    """
    ends = struct.pack("!4q", *row[k.R_SRC_HI : k.R_DST_LO + 1].tolist())
    return struct.pack("!IHBB", 6 << 28, 0, _UDP, 64) + ends + struct.pack("!HHHH", *row[k.R_SRC_PORT : k.R_DST_PORT + 1], 0, 0) + packet


def unpacked(packet: bytes) -> bytes | None:
    """The same HEP packet with its payload unpacked (chunk 16 becomes chunk 15); None where zlib does not know its form."""
    chunks, at = [], _START
    while at + _CHUNK <= len(packet):
        vendor, kind, size = struct.unpack_from("!HHH", packet, at)
        value = packet[at + _CHUNK : at + size]
        if (vendor, kind) == (0, _PACKED):
            # With the header of zlib or of gzip, told apart by itself.
            inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)
            try:
                kind, value = _PAYLOAD, inflate.decompress(value, _LONGEST)
            except zlib.error:
                return None
        chunks.append(struct.pack("!HHH", vendor, kind, min(_CHUNK + len(value), _LONGEST)) + value)
        at += max(size, _CHUNK)
    body = b"".join(chunks)
    return _MAGIC + struct.pack("!H", _START + len(body)) + body if _START + len(body) <= _LONGEST else None
