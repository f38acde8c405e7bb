"""SIP messages out of the bytes of one TCP direction, by Content-Length (RFC 3261 18.3), and out of WebSocket frames; HEP packets too."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from siplens.capture import hep
from siplens.capture import kernel_layout as k
from siplens.capture.kernel_layout import Array
from siplens.capture.websocket import WebSocket, may_begin, next_message

_MAX_HEADER = 1 << 16
_MAX_BODY = 1 << 20

_START = re.compile(rb"(?:SIP/2\.0 \d{3}[ \r\n]|[!-~]{1,64} [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r?\n)")
_LATER_START = re.compile(
    rb"(?<=\n)(?=SIP/2\.0 \d{3}[ \r\n]|[!-~]{1,64} [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r?\n)"
    rb"|(?<!\0\0\0\x0f[\s\S]{2})(?=SIP/2\.0 [1-6]\d\d [^\r\n]*+\r\n[A-Za-z-]++[ \t]*+:)"
    rb"|(?<!\0\0\0\x0f[\s\S]{2})(?=(?:INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|PRACK|UPDATE|SUBSCRIBE|NOTIFY|BENOTIFY|PUBLISH|INFO|REFER|MESSAGE|SERVICE)"
    rb" [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r\n)"
)
"""A start line further on: at a line's beginning, or, where a body without line end comes before it, one that is beyond doubt and
no payload of a HEP packet (chunk 15) whose beginning was not seen."""
_HEADER_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:(?:[ \t]|\r?\n[ \t])*(\d{1,9})", re.IGNORECASE)


class Framed(NamedTuple):
    """One SIP message, the row of the packet that made it whole, what carried it (one of k.KIND_*), and the rows of all its segments.

    KIND_COPY: a HEP packet.
    """

    text: bytes
    row: Array
    kind: int = k.KIND_TCP
    parts: tuple[Array, ...] = ()


class Mark(NamedTuple):
    """Where a segment lies in its stream."""

    end: int
    """Position behind it."""
    row: Array
    ready: Array
    """Row of the segment that had been missing before it, where it came before its turn; else its own."""


@dataclass(slots=True)
class Stream:
    """One direction: bytes in order, and what waits for bytes before it."""

    following: int | None = None
    """Sequence number of the next byte."""
    buffer: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    """Bytes of the stream before the buffer's first."""
    marks: deque[Mark] = field(default_factory=deque)
    waiting: dict[int, tuple[bytes, Array]] = field(default_factory=dict)
    searched: int = 0
    """Bytes of the buffer known to hold no end of header fields."""
    found: bool = False
    websocket: WebSocket | None = None
    """Set once the direction is known to speak WebSocket."""
    hep: bool = False
    """Set once the direction is known to carry HEP packets."""

    @property
    def stored(self) -> int:
        """Bytes held back."""
        return len(self.buffer) + sum(len(data) for data, _ in self.waiting.values())


def begins_message(stream: Stream) -> bool:
    """Whether the buffer begins with a start line."""
    return _START.match(stream.buffer) is not None


def drop(stream: Stream, count: int) -> None:
    """Give up bytes at the buffer's beginning."""
    del stream.buffer[:count]
    stream.dropped += count
    stream.searched = 0


def messages(stream: Stream) -> Iterator[Framed]:
    """Messages that are whole in the buffer."""
    if stream.websocket is None and not stream.found and not stream.hep and may_begin(stream.buffer) and hep.find(stream.buffer) < 0:
        stream.websocket = WebSocket()
    if stream.websocket is not None:
        yield from _websocket_messages(stream)
        return
    while not stream.hep:
        drop(stream, len(stream.buffer) - len(stream.buffer.lstrip(b"\r\n")))
        if not stream.buffer:
            return
        if hep.begins(stream.buffer):
            stream.hep = True
            break
        if not _at_start(stream):
            break
        end = _HEADER_END.search(stream.buffer, stream.searched)
        if end is None:
            stream.searched = max(0, len(stream.buffer) - 3)
            if len(stream.buffer) > _MAX_HEADER:
                drop(stream, 1)
                continue
            return
        size = _size(stream.buffer, end.end())
        if len(stream.buffer) < size:
            stream.searched = end.start()
            return
        yield _cut(stream, size)
    if stream.hep:
        yield from _copies(stream)


def _copies(stream: Stream) -> Iterator[Framed]:
    """HEP packets that are whole in the buffer. Where none begins, bytes are missing: it goes on at the next that does beyond doubt."""
    while stream.buffer:
        if not hep.begins(stream.buffer):
            following = hep.find(stream.buffer)
            if following < 0 and not b"HEP3".startswith(stream.buffer):
                following = hep.may_begin_within(stream.buffer)
            drop(stream, max(following, 0))
            if not hep.begins(stream.buffer):
                return
        size = hep.length(stream.buffer)
        if size is None or len(stream.buffer) < size:
            return
        yield _cut(stream, size)._replace(kind=k.KIND_COPY)


def _websocket_messages(stream: Stream) -> Iterator[Framed]:
    """Messages that end with a whole WebSocket frame in the buffer."""
    while stream.websocket is not None:
        if stream.websocket.lost:
            drop(stream, next_message(stream.buffer))
            if not stream.buffer:
                return
            stream.websocket = WebSocket()
        for used, text in stream.websocket.frames(stream.buffer):
            end = stream.dropped + used
            while stream.marks and stream.marks[0].end < end and len(stream.marks) > 1:
                stream.marks.popleft()
            drop(stream, used)
            if _START.match(text):
                stream.found = True
                yield Framed(text, stream.marks[0].ready, k.KIND_WS)
        if not stream.websocket.lost:
            return
        # At least one byte further, so that the same place is not tried for ever.
        drop(stream, 1)


def _at_start(stream: Stream) -> bool:
    """Whether the buffer begins with a start line, perhaps not whole yet; drops what is before the next one."""
    while True:
        if _START.match(stream.buffer):
            return True
        if (copy := hep.find(stream.buffer)) >= 0:
            drop(stream, copy)
            stream.hep = True
            return False
        if len(stream.buffer) < _MAX_HEADER and b"\n" not in stream.buffer:
            return True
        later = _LATER_START.search(stream.buffer, 1)
        if later is None:
            # The last line may yet become a start line.
            last = stream.buffer.rfind(b"\n") + 1
            drop(stream, last if last and len(stream.buffer) - last < 2048 else len(stream.buffer))
            return False
        drop(stream, later.start())


def _size(buffer: bytearray, body: int) -> int:
    """Length of the message whose body begins at `body`. Without Content-Length, what is there up to the next start line."""
    length = _LENGTH.search(buffer, 0, body)
    if length is not None:
        return body + min(int(length[1]), _MAX_BODY)
    later = _LATER_START.search(buffer, body)
    return later.start() if later else len(buffer)


def _cut(stream: Stream, size: int) -> Framed:
    end = stream.dropped + size
    parts = [stream.marks[0]]
    while stream.marks[0].end < end and len(stream.marks) > 1:
        stream.marks.popleft()
        parts.append(stream.marks[0])
    stream.found = True
    carrying = tuple(mark.row for mark in parts if mark.end > stream.dropped)
    message = Framed(bytes(stream.buffer[:size]), stream.marks[0].ready, parts=carrying)
    drop(stream, size)
    return message


def unfinished(stream: Stream) -> Iterator[Framed]:
    """The message that was under way, if its header fields are whole; the buffer is empty after it."""
    if stream.buffer and _START.match(stream.buffer) and _HEADER_END.search(stream.buffer):
        yield _cut(stream, len(stream.buffer))
    drop(stream, len(stream.buffer))
    stream.marks.clear()
