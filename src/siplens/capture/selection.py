"""The packets of some calls out of one capture: first which frames they are, then the frames themselves. Memory stays flat.

SIP over TCP comes with every segment that carries a byte of the message, and, where a segment begins amid another message, with
that one's too: else nobody could frame what follows; HEP packets likewise. Fragments come with their whole datagram.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from siplens.capture import containers
from siplens.capture import kernel_layout as k
from siplens.capture import select_pass as s
from siplens.capture.files import EXPECTED, HEAD, Blocks
from siplens.capture.framing import Framed
from siplens.capture.health import Findings
from siplens.capture.icmp import icmp_row
from siplens.capture.kernel_layout import Array
from siplens.capture.memory import Memory
from siplens.capture.rows import where
from siplens.capture.streams import Streams
from siplens.capture.wanted import Direction, Wanted, frames_table
from siplens.errors import UnreadableFileError

_FRAGMENTS_APART_NS = 60_000_000_000
"""Fragments further apart do not belong to one datagram, though its number is the same."""


class Packet(NamedTuple):
    """One captured packet."""

    frame: int
    time_ns: int | None
    """Nanoseconds since 1970; None in a capture without times."""
    content: bytes
    original: int
    """Its length on the wire, where the snap length cut it."""
    link: int
    """LINKTYPE_ number of its interface."""
    snaplen: int
    interface: int
    """Number of the interface in the file."""


class _Looking:
    """Drives the compiled pass over a capture; gives the rows it wrote, and the buffer that they point into."""

    def __init__(self, path: Path, w: Array) -> None:
        self.path, self.w, self.memory, self.notes = path, w, Memory(), containers.Notes()

    def rows(self) -> Iterator[tuple[Array, Array]]:
        """(rows, buffer) until the capture ends, as far as it can be read."""
        with Blocks(self.path) as blocks:
            block = blocks.next(0)
            if block is None:
                raise UnreadableFileError(f"{self.path}: is empty, {EXPECTED}")
            buffer, start, end, _ = block
            head = bytes(buffer[start : min(end, start + 24)])
            begins = containers.begin(self.memory, head) if containers.container_of(head) else None
            if begins is None:
                raise UnreadableFileError(f"{self.path}: is no packet capture, {EXPECTED}")
            start += begins
            while True:
                while start <= end:
                    start = s.look(self.memory.m, self.w, buffer, start, end)
                    if self.w[s.W_ROWS]:
                        yield self._taken(), buffer
                    if self._is_done():
                        return
                    start, more = self._step(buffer, start, end)
                    if not more:
                        break
                if start < 0:
                    return
                waiting = end - start
                if waiting > HEAD or (block := blocks.next(max(waiting, 0))) is None:
                    return
                buffer, begin, end, _ = block
                start = begin + max(-waiting, 0)

    def _taken(self) -> Array:
        at, count = int(self.w[s.W_ROWS_AT]), int(self.w[s.W_ROWS])
        self.w[s.W_ROWS] = 0
        rows: Array = self.w[at : at + count * k.ROW_COLUMNS].reshape(count, k.ROW_COLUMNS).copy()
        return rows

    def _is_done(self) -> bool:
        return bool(self.w[s.W_ONLY_FRAMES] and self.w[s.W_NEXT] == self.w[s.W_FRAMES])

    def _step(self, buffer: Array, start: int, end: int) -> tuple[int, bool]:
        """(where to go on, whether in this block). -1 where the file is damaged: what comes before is all there is."""
        status = int(self.memory.m[k.STATUS])
        if status == k.FLUSH:
            return start, True
        if status == k.SKIP:
            return end + int(self.memory.m[k.SKIP_BYTES]), False
        if status == k.BLOCK:
            try:
                size = containers.block_size(self.memory, bytes(buffer[start : start + 12]))
                if start + size > end:
                    return start, False
                containers.block(self.memory, bytes(buffer[start : start + size]), self.notes)
            except containers.CorruptBlockError:
                return -1, False
            return start + size, True
        return (start, False) if status == k.MORE else (-1, False)


@dataclass(slots=True)
class _Chain:
    """Messages of a TCP direction that share segments."""

    frames: set[int] = field(default_factory=set)


class _Segments:
    """Frames of TCP segments that carry wanted messages."""

    def __init__(self, wanted: set[int]) -> None:
        self.wanted = wanted
        self.frames: set[int] = set()
        self._streams = Streams(Findings())
        self._chains: dict[tuple[int, ...], _Chain] = {}
        self._again: dict[tuple[int, ...], list[int]] = {}
        """Frames by direction, sequence number and length: a segment sent again lies with the first."""

    def add(self, payload: bytes, row: Array) -> None:
        """Take one segment."""
        way = tuple(row[k.R_SRC_HI : k.R_DST_PORT + 1].tolist())
        if payload:
            self._again.setdefault((*way, int(row[k.R_A]), len(payload)), []).append(int(row[k.R_FRAME]))
        self._look_at(self._streams.add(payload, row))

    def finish(self) -> set[int]:
        """All frames found."""
        self._look_at(self._streams.finish())
        for frames in self._again.values():
            if len(frames) > 1 and not self.frames.isdisjoint(frames):
                self.frames.update(frames)
        return self.frames

    def _look_at(self, messages: Iterator[Framed]) -> None:
        for message in messages:
            way = tuple(message.row[k.R_SRC_HI : k.R_DST_PORT + 1].tolist())
            frames = {int(row[k.R_FRAME]) for row in message.parts}
            chain = self._chains.get(way)
            if chain is None or chain.frames.isdisjoint(frames):
                chain = self._chains[way] = _Chain()
            chain.frames |= frames
            if int(message.row[k.R_FRAME]) in self.wanted:
                self.frames |= chain.frames


class _Datagrams:
    """Frames of fragments, by datagram."""

    def __init__(self) -> None:
        self._groups: dict[bytes, list[tuple[int, int]]] = {}

    def add(self, packet: bytes, row: Array) -> None:
        """Take one fragment: the whole IP packet."""
        if packet[0] >> 4 == 4:
            key = packet[9:10] + packet[12:20] + packet[4:6]
        else:
            at = int(row[k.R_A])
            key = packet[8:40] + packet[at + 4 : at + 8]
        self._groups.setdefault(key, []).append((int(row[k.R_TIME]), int(row[k.R_FRAME])))

    def companions(self, wanted: set[int]) -> set[int]:
        """Frames of all fragments of the datagrams of which a fragment is wanted."""
        found: set[int] = set()
        for group in self._groups.values():
            for time, frame in group:
                if frame in wanted:
                    found.update(other for moment, other in group if abs(moment - time) <= _FRAGMENTS_APART_NS)
        return found


def find_frames(path: Path, wanted: Wanted, secrets: list[bytes] | None = None) -> set[int]:
    """Frames of a capture with what is wanted. Raises UnreadableFileError for what is no capture.

    secrets: takes the TLS key logs that lie inside a pcapng.
    """
    found, unknown = _look_for(path, wanted, secrets)
    if unknown:
        # HEP: which connection carried a packet is only known from its last segment.
        found, _ = _look_for(path, replace(wanted, directions=wanted.directions | unknown))
    return found


def _look_for(path: Path, wanted: Wanted, secrets: list[bytes] | None = None) -> tuple[set[int], set[Direction]]:
    """Frames with what is wanted, and directions of TCP connections that carry wanted frames without being wanted themselves."""
    found: set[int] = set(wanted.frames)
    unknown: set[Direction] = set()
    segments, datagrams = _Segments(wanted.frames), _Datagrams()
    looking = _Looking(path, wanted.table())
    for rows, buffer in looking.rows():
        certain = (rows[:, k.R_KIND] == k.KIND_RTP) | (rows[:, k.R_KIND] == k.KIND_RTCP)
        found.update(rows[certain, k.R_FRAME].tolist())
        for row in rows[~certain]:
            start, kind = int(row[k.R_START]), int(row[k.R_KIND])
            content = bytes(buffer[start : start + int(row[k.R_LENGTH])])
            if kind == k.KIND_TCP:
                seen = where(row)
                way = Direction(seen["src_ip"], seen["src_port"], seen["dst_ip"], seen["dst_port"])
                if not wanted.knows(way):
                    unknown.add(way)
                segments.add(content, row)
            elif kind == k.KIND_FRAGMENT:
                datagrams.add(content, row)
            elif _icmp_wanted(content, row, wanted):
                found.add(int(row[k.R_FRAME]))
    if secrets is not None:
        secrets += looking.notes.secrets
    found |= segments.finish()
    return found | datagrams.companions(found), unknown


def _icmp_wanted(content: bytes, row: Array, wanted: Wanted) -> bool:
    """Whether an ICMP error quotes a packet from or to an end that is wanted."""
    version, kind = int(row[k.R_A]), content[0]
    if kind not in ((3, 4, 5, 11, 12) if version == 4 else (1, 2, 3, 4)):
        return False
    quoted = icmp_row(content, version, where(row))
    if quoted is None:
        return False
    time = int(row[k.R_TIME])
    return any(wanted.end_is_wanted(quoted[f"{end}_ip"], quoted[f"{end}_port"], time) for end in ("src", "dst"))


def read_packets(path: Path, frames: set[int]) -> Iterator[Packet]:
    """The packets of these frames, in the order of the capture."""
    if not frames:
        return
    looking = _Looking(path, frames_table(frames))
    for rows, buffer in looking.rows():
        interfaces = looking.memory.interfaces
        for row in rows:
            start, number, time = int(row[k.R_START]), int(row[k.R_B]), int(row[k.R_TIME])
            interface = interfaces[number]
            yield Packet(
                frame=int(row[k.R_FRAME]),
                time_ns=None if time == k.NO_TIME else time,
                content=np.ascontiguousarray(buffer[start : start + int(row[k.R_LENGTH])]).tobytes(),
                original=int(row[k.R_A]),
                link=int(interface[k.I_LINK_NUMBER]),
                snaplen=int(interface[k.I_SNAPLEN]),
                interface=number,
            )
