"""What of a capture is wanted for some calls: frames, media flows, ends of media, TCP directions, as tables for the compiled pass."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address
from typing import NamedTuple

import numpy as np

from siplens.capture import kernel_layout as k
from siplens.capture import select_pass as s
from siplens.capture.kernel_layout import Array

_LAST = (1 << 62) - 1


class Flow(NamedTuple):
    """An RTP stream: 5-tuple, SSRC, and the frames between which it lies."""

    src_ip: str
    src_port: int
    dst_ip: str
    dst_port: int
    ssrc: int
    first_frame: int
    last_frame: int


class End(NamedTuple):
    """An address and port of media, and the time (nanoseconds since 1970) in which RTCP, STUN and ICMP errors about it are wanted."""

    ip: str
    port: int
    since: int = 0
    until: int = _LAST


class Direction(NamedTuple):
    """One direction of a TCP connection."""

    src_ip: str
    src_port: int
    dst_ip: str
    dst_port: int


@dataclass(slots=True)
class Wanted:
    """What is wanted of one capture."""

    frames: set[int] = field(default_factory=set)
    """Frames with the last byte of a SIP message. The other segments and fragments of these messages are found from them."""
    flows: list[Flow] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    directions: set[Direction] = field(default_factory=set)
    """TCP directions that carried these messages."""
    whole: set[Direction] = field(default_factory=set)
    """Directions of which everything is wanted: TLS can only be opened from its beginning on."""

    def table(self) -> Array:
        """The array `w` of the compiled pass, for finding out which frames are wanted."""
        flows = [
            (_signed(flow.src_port << 48 | flow.dst_port << 32 | flow.ssrc), *halves(flow.src_ip), *halves(flow.dst_ip), *flow[5:])
            for flow in self.flows
        ]
        ends = [(_end_key(end), *halves(end.ip), end.port, end.since, end.until) for end in set(self.ends)]
        streams = [
            (way.src_port * 65536 + way.dst_port, *halves(way.src_ip), *halves(way.dst_ip), int(way in self.whole))
            for way in self.directions | self.whole
        ]
        return _filled(sorted(self.frames), flows, ends, streams, only_frames=False)

    def knows(self, way: Direction) -> bool:
        """Whether a direction of a TCP connection is one of those that are wanted."""
        return way in self.directions or way in self.whole

    def end_is_wanted(self, ip: str, port: int, time: int) -> bool:
        """Whether an address and port is one of `ends` at a time; for the few packets that Python looks at."""
        return any(end.ip == ip and end.port == port and (time == k.NO_TIME or end.since <= time <= end.until) for end in self.ends)


def frames_table(frames: Iterable[int]) -> Array:
    """The array `w` for reading these frames alone."""
    return _filled(sorted(frames), [], [], [], only_frames=True)


def halves(ip: str) -> tuple[int, int]:
    """An address as the pass has it: two signed halves, IPv4 as ::ffff:a.b.c.d."""
    address = ip_address(ip)
    packed = b"\0" * 10 + b"\xff\xff" + address.packed if isinstance(address, IPv4Address) else address.packed
    high, low = struct.unpack(">qq", packed)
    return high, low


def _end_key(end: End) -> int:
    return _signed(halves(end.ip)[1] << 16 | end.port)


def _signed(number: int) -> int:
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def _filled(
    frames: Sequence[int], flows: Sequence[tuple[int, ...]], ends: Sequence[tuple[int, ...]], streams: Sequence[tuple[int, ...]],
    *, only_frames: bool,
) -> Array:  # fmt: skip
    columns = {"frames": 1, "flows": s.FLOW_COLUMNS, "ends": s.END_COLUMNS, "streams": s.STREAM_COLUMNS}
    tables: list[list[tuple[int, ...]]] = [[(frame,) for frame in frames], sorted(flows), sorted(ends), sorted(streams)]
    sizes = [len(table) * width for table, width in zip(tables, columns.values(), strict=True)]
    starts = np.cumsum([s.W_NUMBERS, *sizes]).tolist()
    w = np.zeros(starts[-1] + s.MAX_ROWS * k.ROW_COLUMNS, dtype=np.int64)
    for start, size, table in zip(starts, sizes, tables, strict=False):
        if size:
            w[start : start + size] = np.array(table, dtype=np.int64).ravel()
    w[s.W_FRAMES_AT], w[s.W_FLOWS_AT], w[s.W_ENDS_AT], w[s.W_STREAMS_AT], w[s.W_ROWS_AT] = starts
    w[s.W_FRAMES], w[s.W_FLOWS], w[s.W_ENDS], w[s.W_STREAMS] = (len(table) for table in tables)
    w[s.W_ONLY_FRAMES] = int(only_frames)
    return w
