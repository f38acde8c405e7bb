"""IP fragments into whole packets, IPv4 (RFC 791) and IPv6 (RFC 8200 4.5). Bounded; what stays incomplete is counted.

Where fragments overlap, bytes that came first stay.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from siplens.capture import kernel_layout as k
from siplens.capture.health import Findings
from siplens.capture.kernel_layout import Array

_MAX_DATAGRAMS = 1024
_MAX_BYTES = 1 << 24
_LIFETIME_NS = 60_000_000_000
_LONGEST = 65_535


@dataclass(slots=True)
class _Datagram:
    """Fragments of one datagram so far."""

    began: int
    frame: int
    parts: dict[int, bytes] = field(default_factory=dict)
    size: int | None = None
    stored: int = 0
    header: bytes = b""
    protocol: int = 0

    def whole(self) -> bytes | None:
        """The datagram's payload, None while bytes are missing."""
        if self.size is None or self.stored < self.size or not self.header:
            return None
        payload = bytearray()
        for offset in sorted(self.parts):
            if offset > len(payload):
                return None
            payload += self.parts[offset][len(payload) - offset :]
        return bytes(payload[: self.size]) if len(payload) >= self.size else None


class Fragments:
    """All datagrams that wait for fragments."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._datagrams: dict[bytes, _Datagram] = {}
        self._stored = 0

    def add(self, packet: bytes, row: Array) -> bytes | None:
        """Take one fragment, an IP packet that was set aside; returns the whole packet where this completes it."""
        key, offset, more, header, data = _taken_apart(packet, int(row[k.R_A]))
        if not data or offset + len(data) > _LONGEST:
            return None
        time = int(row[k.R_TIME])
        datagram = self._datagrams.get(key)
        if datagram is not None and time - datagram.began > _LIFETIME_NS:
            self._give_up(key)
            datagram = None
        if datagram is None:
            self._make_room()
            datagram = self._datagrams[key] = _Datagram(time, int(row[k.R_FRAME]))
        if len(data) > len(datagram.parts.get(offset, b"")):
            self._stored += len(data) - len(datagram.parts.get(offset, b""))
            datagram.stored += len(data) - len(datagram.parts.get(offset, b""))
            datagram.parts[offset] = data
        if offset == 0:
            datagram.header = header
        if not more and datagram.size is None:
            datagram.size = offset + len(data)
        payload = datagram.whole()
        if payload is None:
            return None
        self._forget(key)
        return _with_length(datagram.header, payload)

    def under_way(self) -> list[dict[str, Any]]:
        """What waits, for the file that goes on where this one ends: what `take_over` takes, ready for JSON."""
        return [
            {
                "key": key.decode("latin-1"),
                "began": datagram.began,
                "parts": [(offset, data.decode("latin-1")) for offset, data in datagram.parts.items()],
                "size": datagram.size,
                "header": datagram.header.decode("latin-1"),
            }
            for key, datagram in self._datagrams.items()
        ]

    def take_over(self, datagrams: list[dict[str, Any]]) -> None:
        """Go on with what waited at the end of another file."""
        for told in datagrams:
            parts = {offset: data.encode("latin-1") for offset, data in told["parts"]}
            stored = sum(map(len, parts.values()))
            datagram = _Datagram(told["began"], 1, parts, told["size"], stored, told["header"].encode("latin-1"))
            self._datagrams[told["key"].encode("latin-1")] = datagram
            self._stored += stored

    def finish_old(self, before: int) -> None:
        """Give up what has waited since before a time, in ns since 1970."""
        for key, datagram in list(self._datagrams.items()):
            if datagram.began < before:
                self._give_up(key)

    def finish(self) -> None:
        """Count what never became whole."""
        for key in list(self._datagrams):
            self._give_up(key)

    def _make_room(self) -> None:
        while self._datagrams and (len(self._datagrams) >= _MAX_DATAGRAMS or self._stored > _MAX_BYTES):
            self._give_up(next(iter(self._datagrams)))

    def _give_up(self, key: bytes) -> None:
        datagram = self._datagrams[key]
        missing = "their first fragment" if not datagram.header else "a part"
        self._findings.add("fragments_incomplete", datagram.frame, f"IP datagrams of which {missing} is not in the capture")
        self._forget(key)

    def _forget(self, key: bytes) -> None:
        self._stored -= self._datagrams.pop(key).stored


def _taken_apart(packet: bytes, header_length: int) -> tuple[bytes, int, bool, bytes, bytes]:
    """(key, offset, more follow, header of the whole packet, data) of a fragment; no data where it was cut by the snap length."""
    if packet[0] >> 4 == 4:
        total, identity, place = struct.unpack_from("!HHH", packet, 2)
        key = packet[8:20][1:2] + packet[12:20] + struct.pack("!H", identity)
        data = packet[header_length:] if len(packet) >= total else b""
        header = packet[:6] + b"\0\0" + packet[8:20]
        return key, (place & 0x1FFF) * 8, bool(place & 0x2000), header, data
    total = 40 + struct.unpack_from("!H", packet, 4)[0]
    protocol, place, identity = packet[header_length], *struct.unpack_from("!HI", packet, header_length + 2)
    # Extension headers before the fragment header are of no use after it: the whole packet gets a plain header.
    header = packet[:6] + bytes([protocol]) + packet[7:40]
    data = packet[header_length + 8 :] if len(packet) >= total else b""
    return packet[8:40] + struct.pack("!I", identity), place & 0xFFF8, bool(place & 1), header, data


def _with_length(header: bytes, payload: bytes) -> bytes:
    if header[0] >> 4 == 4:
        return b"\x45" + header[1:2] + struct.pack("!H", min(20 + len(payload), _LONGEST)) + header[4:] + payload
    return header[:4] + struct.pack("!H", len(payload)) + header[6:] + payload
