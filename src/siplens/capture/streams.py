"""TCP directions that carry SIP, or HEP with copies of it: segments in order, and what to do where they are not.

`framing` cuts messages out of them. Retransmitted, reordered and overlapping segments are put right. A gap that stays is counted, and SIP
is found again after it. All memory is bounded.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Any

import numpy as np

from siplens.capture import kernel_layout as k
from siplens.capture.framing import Framed, Mark, Stream, begins_message, messages, unfinished
from siplens.capture.health import Findings
from siplens.capture.hep import begins
from siplens.capture.kernel_layout import Array
from siplens.capture.websocket import WebSocket

_MAX_STREAMS = 20_000
_MAX_STORED = 1 << 26
_MAX_WAITING = 64
_MAX_WAITING_BYTES = 1 << 18
_FAR = 1 << 21
"""A sequence number this far off is no lost segment: the ports are in use by another connection."""


Key = tuple[int, ...]


class Streams:
    """All TCP directions that may carry SIP."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._streams: OrderedDict[Key, Stream] = OrderedDict()
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
            stream = self._streams[key] = Stream(taken if taken >= 0 else sequence & 0xFFFFFFFF)
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
        if stream is None or stream.buffer or stream.waiting or stream.websocket is not None or stream.hep:
            return None
        return stream.following

    def is_sip(self, row: Array) -> bool:
        """Whether a message was found in a segment's direction, or is under way."""
        stream = self._streams.get(_key(row))
        return stream is not None and (stream.found or stream.hep or stream.websocket is not None or begins_message(stream))

    def under_way(self) -> list[dict[str, Any]]:
        """Directions with something held back, for the file that goes on where this one ends: what `take_over` takes, ready for JSON."""
        return [
            {
                "key": key,
                "following": stream.following,
                "buffer": stream.buffer.decode("latin-1"),
                "marks": [(mark.end - stream.dropped, int(mark.row[k.R_TIME])) for mark in stream.marks],
                "waiting": [(sequence, data.decode("latin-1"), int(row[k.R_TIME])) for sequence, (data, row) in stream.waiting.items()],
                "found": stream.found,
                "hep": stream.hep,
                "websocket": stream.websocket.under_way() if stream.websocket else None,
            }
            for key, stream in self._streams.items()
            if stream.stored or stream.websocket or stream.hep
        ]

    def take_over(self, directions: list[dict[str, Any]]) -> None:
        """Go on with what was under way in another file. Rows of its segments are of no use here: they have frame 0."""
        for told in directions:
            stream = Stream(told["following"], bytearray(told["buffer"].encode("latin-1")), found=told["found"], hep=told["hep"])
            stream.marks = deque(Mark(end, _of_file_before(time), _of_file_before(time)) for end, time in told["marks"])
            stream.waiting = {sequence: (data.encode("latin-1"), _of_file_before(time)) for sequence, data, time in told["waiting"]}
            stream.websocket = WebSocket.go_on(told["websocket"]) if told["websocket"] else None
            self._streams[tuple(told["key"])] = stream
            self._stored += stream.stored

    def finish_old(self, before: int) -> Iterator[Framed]:
        """Give up what has held something back since before a time, in ns since 1970: its rest comes no more."""
        for key, stream in list(self._streams.items()):
            held = [mark.row for mark in stream.marks] + [row for _, row in stream.waiting.values()]
            if held and max(int(row[k.R_TIME]) for row in held) < before:
                yield from self._close(key)

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
        if stream.hep and begins(stream.buffer):
            frame = int(stream.marks[0].row[k.R_FRAME])
            self._findings.add("tcp_gaps", frame or None, "HEP packets in TCP streams whose end is not in the capture")
        yield from unfinished(stream)

    def _take(self, stream: Stream, sequence: int, payload: bytes, row: Array) -> Iterator[Framed]:
        ahead = _distance(stream.following, sequence)
        if abs(ahead) > _FAR:
            yield from unfinished(stream)
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
        yield from messages(stream)

    def _append(self, stream: Stream, payload: bytes, row: Array) -> None:
        """Append bytes that follow, and whatever waited for them."""
        ready = row
        while True:
            stream.buffer += payload
            stream.following = ((stream.following or 0) + len(payload)) & 0xFFFFFFFF
            stream.marks.append(Mark(stream.dropped + len(stream.buffer), row, ready))
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

    def _jump(self, stream: Stream) -> Iterator[Framed]:
        """Give up the bytes that are missing and go on with the nearest segment that waits."""
        nearest = min(stream.waiting, key=lambda sequence: _distance(stream.following, sequence))
        payload, row = stream.waiting.pop(nearest)
        self._findings.add("tcp_gaps", int(row[k.R_FRAME]) or None, "gaps in TCP streams with SIP: segments missing from the capture")
        yield from unfinished(stream)
        stream.following = nearest
        if stream.websocket is not None:
            stream.websocket = WebSocket(lost=True)
        self._append(stream, payload, row)
        yield from messages(stream)


def _of_file_before(time: int) -> Array:
    """A segment's row without frame number: it was in another file."""
    row = np.zeros(k.ROW_COLUMNS, dtype=np.int64)
    row[k.R_TIME] = time
    return row


def _key(row: Array) -> Key:
    key: Key = tuple(row[k.R_SRC_HI : k.R_DST_PORT + 1].tolist())
    return key


def _distance(following: int | None, sequence: int) -> int:
    """How far a sequence number lies ahead of the next byte; negative where it lies behind."""
    return ((sequence - (following or 0) + 0x80000000) & 0xFFFFFFFF) - 0x80000000
