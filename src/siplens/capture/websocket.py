"""WebSocket frames of one TCP direction (RFC 6455) that carry SIP (RFC 7118): handshake, masks, fragments, compression."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

_HANDSHAKE = re.compile(rb"(?:GET [^\r\n]* HTTP/1\.1|HTTP/1\.1 101)[^\r\n]*\r\n")
_SIP = re.compile(rb"SIP/2\.0 \d{3}|[A-Z]{3,12} [a-z]")
_ANY_BEGINNING = re.compile(rb"[\x01\x02\x81\x82]")
_CONTINUATION, _TEXT, _BINARY = 0, 1, 2
_BEGINNINGS = (0x01, 0x02, 0x81, 0x82)
"""First byte of a frame of text or bytes: first of several, or whole. Compressed ones (0x41) may as well be text."""
_MAX_MESSAGE = 1 << 20
_DEFLATE_TAIL = b"\0\0\xff\xff"
"""What a sender leaves away of a compressed message (RFC 7692 7.2.1)."""


def may_begin(buffer: bytearray) -> bool:
    """Whether a direction begins with a WebSocket handshake, or with a frame of text or bytes that is not SIP's own start."""
    if _HANDSHAKE.match(buffer):
        return True
    return len(buffer) >= 2 and buffer[0] in _BEGINNINGS and _frame(buffer) is not None


def next_message(buffer: bytearray) -> int:
    """Where, after bytes that are missing, a frame begins that begins a SIP message; the buffer's length where none does."""
    for found in _ANY_BEGINNING.finditer(buffer):
        frame = _frame(buffer[found.start() : found.start() + 14]) if len(buffer) - found.start() >= 2 else None
        if frame is None:
            continue
        start, size, mask = frame
        payload = _unmasked(bytes(buffer[found.start() + start : found.start() + start + 16]), mask)
        if size >= len(payload) == 16 and _SIP.match(payload):
            return found.start()
    return len(buffer)


class WebSocket:
    """State of one direction."""

    def __init__(self, *, lost: bool = False) -> None:
        self.lost = lost
        """What comes is no WebSocket frame: bytes are missing before it."""
        self._parts: list[bytes] | None = None
        self._packed = False
        self._inflate: zlib._Decompress | None = None

    def under_way(self) -> dict[str, Any]:
        """What the next file needs to go on, ready for JSON. The window of a compression is not carried."""
        parts = None if self._parts is None else [part.decode("latin-1") for part in self._parts]
        return {"lost": self.lost, "parts": parts, "packed": self._packed}

    @classmethod
    def go_on(cls, told: dict[str, Any]) -> WebSocket:
        """A direction that was under way in another file."""
        websocket = cls(lost=told["lost"])
        websocket._parts = None if told["parts"] is None else [part.encode("latin-1") for part in told["parts"]]
        websocket._packed = told["packed"]
        return websocket

    def frames(self, buffer: bytearray) -> Iterator[tuple[int, bytes]]:
        """(bytes used, whole message or nothing) for each frame at the buffer's beginning; the caller drops what was used."""
        while buffer:
            if _HANDSHAKE.match(buffer):
                end = buffer.find(b"\r\n\r\n")
                if end < 0:
                    return
                yield end + 4, b""
                continue
            if len(buffer) < 2:
                return
            found = _frame(buffer)
            if found is None:
                self.lost = True
                return
            start, size, mask = found
            if len(buffer) < start + size:
                return
            first = buffer[0]
            payload = _unmasked(bytes(buffer[start : start + size]), mask)
            yield start + size, self._taken(first, payload)

    def _taken(self, first: int, payload: bytes) -> bytes:
        """The message that a frame completes; nothing where more follows, or for control frames, which may come in between."""
        code = first & 0x0F
        if code in (_TEXT, _BINARY):
            self._parts, self._packed = [payload], bool(first & 0x40)
        elif code == _CONTINUATION and self._parts is not None:
            self._parts.append(payload)
        else:
            return b""
        if not first & 0x80 and sum(map(len, self._parts)) <= _MAX_MESSAGE:
            return b""
        whole, self._parts = b"".join(self._parts), None
        return self._inflated(whole) if self._packed else whole

    def _inflated(self, packed: bytes) -> bytes:
        # The window stays from message to message, unless both sides agreed otherwise; then none refers to what was before.
        self._inflate = self._inflate or zlib.decompressobj(-15)
        try:
            return self._inflate.decompress(packed + _DEFLATE_TAIL, _MAX_MESSAGE)
        except zlib.error:
            self._inflate = None
            return b""


def _frame(buffer: bytearray) -> tuple[int, int, bytes] | None:
    """(where the payload begins, its length, mask) of the frame at the buffer's beginning; None where there can be none."""
    first, second = buffer[0], buffer[1]
    if first & 0x30 or first & 0x0F not in (0, 1, 2, 8, 9, 10):
        return None
    size, start = second & 0x7F, 2
    if size == 126:
        size, start = (struct.unpack_from("!H", buffer, 2)[0], 4) if len(buffer) >= 4 else (_MAX_MESSAGE, 4)
    elif size == 127:
        size, start = (struct.unpack_from("!Q", buffer, 2)[0], 10) if len(buffer) >= 10 else (_MAX_MESSAGE, 10)
    if size > _MAX_MESSAGE or (first & 8 and (size > 125 or not first & 0x80)):
        return None
    mask = bytes(buffer[start : start + 4]) if second & 0x80 else b""
    return start + len(mask) if len(mask) == 4 or not second & 0x80 else start + 4, size, mask


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    if not mask:
        return payload
    key = int.from_bytes((mask * (len(payload) // 4 + 1))[: len(payload)], "big")
    return (int.from_bytes(payload, "big") ^ key).to_bytes(len(payload), "big")
