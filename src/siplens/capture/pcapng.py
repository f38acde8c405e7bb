"""Writes pcapng: one section, an interface for each capture and interface that packets come from, packets with comments.

Source: the pcapng draft of the IETF opsawg working group. Times are written in nanoseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Hashable
from typing import BinaryIO

_SECTION, _INTERFACE, _PACKET, _SECRETS = 0x0A0D0D0A, 1, 6, 10
_TLS_KEY_LOG = 0x544C534B
_COMMENT, _APPLICATION, _NAME, _DESCRIPTION, _RESOLUTION = 1, 4, 2, 3, 9
_LONGEST_COMMENT = 65_000


class PcapngWriter:
    """Writes to a file that is open for writing bytes."""

    def __init__(self, file: BinaryIO, *, application: str, comment: str) -> None:
        self._file = file
        self._interfaces: dict[Hashable, int] = {}
        self.packets = 0
        options = _option(_COMMENT, comment) + _option(_APPLICATION, application)
        self._block(_SECTION, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options + b"\0\0\0\0")

    def interface(self, key: Hashable, link: int, snaplen: int, name: str, description: str) -> int:
        """Number of the interface that `key` stands for; described in the file when it is first asked for."""
        number = self._interfaces.get(key)
        if number is None:
            number = self._interfaces[key] = len(self._interfaces)
            options = _option(_NAME, name) + _option(_DESCRIPTION, description) + _option(_RESOLUTION, b"\x09")
            self._block(_INTERFACE, struct.pack("<HHI", link, 0, snaplen) + options + b"\0\0\0\0")
        return number

    def packet(self, interface: int, time_ns: int | None, content: bytes, original: int, comments: list[str]) -> None:
        """One packet; a time that is not known is written as 1970."""
        time = time_ns or 0
        fixed = struct.pack("<IIIII", interface, time >> 32, time & 0xFFFFFFFF, len(content), original)
        options = b"".join(_option(_COMMENT, comment) for comment in comments)
        self._block(_PACKET, fixed + content + bytes(-len(content) % 4) + (options + b"\0\0\0\0" if options else b""))
        self.packets += 1

    def secrets(self, keylog: bytes) -> None:
        """TLS secrets, as a key log spells them: whoever opens the file reads the TLS of the packets that follow."""
        self._block(_SECRETS, struct.pack("<II", _TLS_KEY_LOG, len(keylog)) + keylog + bytes(-len(keylog) % 4))

    def _block(self, kind: int, body: bytes) -> None:
        size = struct.pack("<I", len(body) + 12)
        self._file.write(struct.pack("<I", kind) + size + body + size)


def _option(code: int, value: str | bytes) -> bytes:
    """An option: UTF-8 text is cut where it would not fit."""
    if isinstance(value, str):
        value = value.encode("utf-8", "replace")[:_LONGEST_COMMENT].decode("utf-8", "ignore").encode()
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4)
