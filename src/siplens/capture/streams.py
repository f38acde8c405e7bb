"""TCP directions that carry SIP: segments in order, then messages framed by Content-Length (RFC 3261 18.3).

Retransmitted, reordered and overlapping segments are put right. A gap that stays is counted, and SIP is found again after
it. All memory is bounded.
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from siplens.capture import kernel_layout as k
from siplens.capture.health import Findings
from siplens.capture.kernel_layout import Array
from siplens.capture.websocket import WebSocket, may_begin, next_message

_MAX_STREAMS = 20_000
_MAX_STORED = 1 << 26
_MAX_WAITING = 64
_MAX_WAITING_BYTES = 1 << 18
_MAX_HEADER = 1 << 16
_MAX_BODY = 1 << 20
_FAR = 1 << 21
"""A sequence number this far off is no lost segment: the ports are in use by another connection."""

_START = re.compile(rb"(?:SIP/2\.0 \d{3}[ \r\n]|[!-~]{1,64} [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r?\n)")
_LATER_START = re.compile(
    rb"(?<=\n)(?=SIP/2\.0 \d{3}[ \r\n]|[!-~]{1,64} [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r?\n)"
    rb"|(?=SIP/2\.0 [1-6]\d\d [^\r\n]*+\r\n[A-Za-z-]++[ \t]*+:)"
    rb"|(?=(?:INVITE|ACK|BYE|CANCEL|REGISTER|OPTIONS|PRACK|UPDATE|SUBSCRIBE|NOTIFY|BENOTIFY|PUBLISH|INFO|REFER|MESSAGE|SERVICE)"
    rb" [^ \r\n\0:]*+:[^ \r\n\0]*+ SIP/2\.0\r\n)"
)
"""A start line further on: at a line's beginning, or, where a body without line end comes before it, one that is beyond doubt."""
_HEADER_END = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})", re.IGNORECASE)

Key = tuple[int, ...]


class Framed(NamedTuple):
    """One SIP message, the row of the packet with its last byte, and what carried it, one of k.KIND_*."""

    text: bytes
    row: Array
    kind: int = k.KIND_TCP


@dataclass(slots=True)
class _Stream:
    following: int | None = None
    """Sequence number of the next byte."""
    buffer: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    """Bytes of the stream before the buffer's first."""
    marks: deque[tuple[int, Array]] = field(default_factory=deque)
    """(position in the stream behind the segment, its row)."""
    waiting: dict[int, tuple[bytes, Array]] = field(default_factory=dict)
    searched: int = 0
    """Bytes of the buffer known to hold no end of header fields."""
    found: bool = False
    websocket: WebSocket | None = None
    """Set once the direction is known to speak WebSocket."""

    @property
    def stored(self) -> int:
        return len(self.buffer) + sum(len(data) for data, _ in self.waiting.values())


class Streams:
    """All TCP directions that may carry SIP."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._streams: OrderedDict[Key, _Stream] = OrderedDict()
        self._stored = 0

    def add(self, payload: bytes, row: Array) -> Iterator[Framed]:
        """Take one segment that was set aside; gives the messages that it completes."""
        key = _key(row)
        sequence, flags = int(row[k.R_A]), int(row[k.R_B])
        stream = self._streams.get(key)
        if flags & 2:
            if stream is not None:
                yield from self._close(key)
            stream = None
            sequence += 1
        taken = int(row[k.R_D]) if not flags & 2 else -1
        if stream is None:
            if not payload and not flags & 2:
                return
            stream = self._streams[key] = _Stream(taken if taken >= 0 else sequence & 0xFFFFFFFF)
            yield from self._make_room()
        elif taken >= 0:
            stream.following = taken
        self._streams.move_to_end(key)
        before = stream.stored
        if payload:
            yield from self._take(stream, sequence, payload, row)
        self._stored += stream.stored - before
        if flags & 5 and not stream.waiting:
            yield from self._close(key)

    def aligned(self, row: Array) -> int | None:
        """Number of the next byte of a segment's direction where nothing is held back of it: the pass may take whole messages itself."""
        stream = self._streams.get(_key(row))
        if stream is None or stream.buffer or stream.waiting or stream.websocket is not None:
            return None
        return stream.following

    def is_sip(self, row: Array) -> bool:
        """Whether a message was found in a segment's direction, or is under way."""
        stream = self._streams.get(_key(row))
        return stream is not None and (stream.found or stream.websocket is not None or _START.match(stream.buffer) is not None)

    def finish(self) -> Iterator[Framed]:
        """The end of the capture: messages whose body never ended, as far as it went."""
        for key in list(self._streams):
            yield from self._close(key)

    def _make_room(self) -> Iterator[Framed]:
        while len(self._streams) > _MAX_STREAMS or (self._stored > _MAX_STORED and len(self._streams) > 1):
            yield from self._close(next(iter(self._streams)))

    def _close(self, key: Key) -> Iterator[Framed]:
        stream = self._streams.pop(key)
        self._stored -= stream.stored
        while stream.waiting:
            yield from self._jump(stream)
        yield from _unfinished(stream)

    def _take(self, stream: _Stream, sequence: int, payload: bytes, row: Array) -> Iterator[Framed]:
        ahead = _distance(stream.following, sequence)
        if abs(ahead) > _FAR:
            yield from _unfinished(stream)
            stream.waiting.clear()
            stream.following, ahead = sequence, 0
        if ahead < 0:
            payload = payload[-ahead:]
        if not payload:
            return
        if ahead > 0:
            if len(payload) > len(stream.waiting.get(sequence, (b"",))[0]):
                stream.waiting[sequence] = (payload, row)
            waiting = sum(len(data) for data, _ in stream.waiting.values())
            if len(stream.waiting) > _MAX_WAITING or waiting > _MAX_WAITING_BYTES:
                yield from self._jump(stream)
            return
        self._append(stream, payload, row)
        yield from _messages(stream)

    def _append(self, stream: _Stream, payload: bytes, row: Array) -> None:
        """Append bytes that follow, and whatever waited for them."""
        while True:
            stream.buffer += payload
            stream.following = ((stream.following or 0) + len(payload)) & 0xFFFFFFFF
            stream.marks.append((stream.dropped + len(stream.buffer), row))
            due = [sequence for sequence in stream.waiting if _distance(stream.following, sequence) <= 0]
            if not due:
                return
            payload = b""
            for sequence in due:
                data, later = stream.waiting.pop(sequence)
                fresh = data[-_distance(stream.following, sequence) :]
                if len(fresh) > len(payload):
                    payload, row = fresh, later
            if not payload:
                return

    def _jump(self, stream: _Stream) -> Iterator[Framed]:
        """Give up the bytes that are missing and go on with the nearest segment that waits."""
        nearest = min(stream.waiting, key=lambda sequence: _distance(stream.following, sequence))
        payload, row = stream.waiting.pop(nearest)
        self._findings.add("tcp_gaps", int(row[k.R_FRAME]), "gaps in TCP streams with SIP: segments missing from the capture")
        yield from _unfinished(stream)
        stream.following = nearest
        if stream.websocket is not None:
            stream.websocket = WebSocket(lost=True)
        self._append(stream, payload, row)
        yield from _messages(stream)


def _key(row: Array) -> Key:
    key: Key = tuple(row[k.R_SRC_HI : k.R_DST_PORT + 1].tolist())
    return key


def _distance(following: int | None, sequence: int) -> int:
    """How far a sequence number lies ahead of the next byte; negative where it lies behind."""
    return ((sequence - (following or 0) + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _drop(stream: _Stream, count: int) -> None:
    del stream.buffer[:count]
    stream.dropped += count
    stream.searched = 0


def _messages(stream: _Stream) -> Iterator[Framed]:
    """Messages that are whole in the buffer."""
    if stream.websocket is None and not stream.found and may_begin(stream.buffer):
        stream.websocket = WebSocket()
    if stream.websocket is not None:
        yield from _websocket_messages(stream)
        return
    while True:
        _drop(stream, len(stream.buffer) - len(stream.buffer.lstrip(b"\r\n")))
        if not stream.buffer or not _at_start(stream):
            return
        end = _HEADER_END.search(stream.buffer, stream.searched)
        if end is None:
            stream.searched = max(0, len(stream.buffer) - 3)
            if len(stream.buffer) > _MAX_HEADER:
                _drop(stream, 1)
                continue
            return
        size = _size(stream.buffer, end.end())
        if len(stream.buffer) < size:
            stream.searched = end.start()
            return
        yield _cut(stream, size)


def _websocket_messages(stream: _Stream) -> Iterator[Framed]:
    """Messages that end with a whole WebSocket frame in the buffer."""
    while stream.websocket is not None:
        if stream.websocket.lost:
            _drop(stream, next_message(stream.buffer))
            if not stream.buffer:
                return
            stream.websocket = WebSocket()
        for used, text in stream.websocket.frames(stream.buffer):
            end = stream.dropped + used
            while stream.marks and stream.marks[0][0] < end and len(stream.marks) > 1:
                stream.marks.popleft()
            _drop(stream, used)
            if _START.match(text):
                stream.found = True
                yield Framed(text, stream.marks[0][1], k.KIND_WS)
        if not stream.websocket.lost:
            return
        # At least one byte further, so that the same place is not tried for ever.
        _drop(stream, 1)


def _at_start(stream: _Stream) -> bool:
    """Whether the buffer begins with a start line, perhaps not whole yet; drops what is before the next one."""
    while True:
        line_end = stream.buffer.find(b"\n", 0, _MAX_HEADER)
        if line_end < 0:
            if len(stream.buffer) < _MAX_HEADER:
                return True
        elif _START.match(stream.buffer):
            return True
        later = _LATER_START.search(stream.buffer, 1)
        if later is None:
            # The last line may yet become a start line.
            last = stream.buffer.rfind(b"\n") + 1
            _drop(stream, last if last and len(stream.buffer) - last < 2048 else len(stream.buffer))
            return False
        _drop(stream, later.start())


def _size(buffer: bytearray, body: int) -> int:
    """Length of the message whose body begins at `body`. Without Content-Length, what is there up to the next start line."""
    length = _LENGTH.search(buffer, 0, body)
    if length is not None:
        return body + min(int(length[1]), _MAX_BODY)
    later = _LATER_START.search(buffer, body)
    return later.start() if later else len(buffer)


def _cut(stream: _Stream, size: int) -> Framed:
    end = stream.dropped + size
    while stream.marks and stream.marks[0][0] < end and len(stream.marks) > 1:
        stream.marks.popleft()
    stream.found = True
    message = Framed(bytes(stream.buffer[:size]), stream.marks[0][1])
    _drop(stream, size)
    return message


def _unfinished(stream: _Stream) -> Iterator[Framed]:
    """The message that was under way, if its header fields are whole; the buffer is empty after it."""
    if stream.buffer and _START.match(stream.buffer) and _HEADER_END.search(stream.buffer):
        yield _cut(stream, len(stream.buffer))
    _drop(stream, len(stream.buffer))
    stream.marks.clear()
