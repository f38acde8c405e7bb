"""One TCP connection: handshake, data in segments with sequence and acknowledgement numbers, close."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from trace_writer import packets
from trace_writer.hosts import Endpoint, Host

STEP = 0.0002
"""Seconds between segments that follow each other."""

Put = Callable[[float, Host, Host, int, bytes], bool]
"""Sends an IP payload: at, sender, receiver, protocol, bytes. True if the capture saw it."""


class Connection:
    """Both directions of one connection. Times must not run backwards: a recipe that does so gets an error."""

    def __init__(self, put: Put, opener: Endpoint, listener: Endpoint) -> None:
        self._put = put
        self._ends = {opener[0].ip: (opener, listener), listener[0].ip: (listener, opener)}
        self._opener = opener[0]
        self._next = {ip: int.from_bytes(hashlib.md5(f"{ip}:{ends}".encode()).digest()[:4], "big") for ip, ends in self._ends.items()}
        self._clock = float("-inf")

    def open(self, at: float) -> None:
        """SYN, SYN-ACK, ACK."""
        listener = self._ends[self._opener.ip][1][0]
        self._segment(at, self._opener, packets.SYN)
        self._segment(at + STEP, listener, packets.SYN | packets.ACK)
        self._segment(at + 2 * STEP, self._opener, packets.ACK)

    def send(self, at: float, sender: Host, data: bytes, segment_bytes: int = 1460) -> bool:
        """Send data in segments of at most `segment_bytes`; the receiver acknowledges the last of them."""
        seen = False
        for start in range(0, len(data), segment_bytes):
            piece = data[start : start + segment_bytes]
            flags = packets.ACK | (packets.PSH if start + segment_bytes >= len(data) else 0)
            seen = self._segment(at, sender, flags, piece)
            at += STEP
        self._segment(at, self._ends[sender.ip][1][0], packets.ACK)
        return seen

    def close(self, at: float, sender: Host) -> None:
        """FIN from the sender, FIN from the other end, last ACK."""
        other = self._ends[sender.ip][1][0]
        self._segment(at, sender, packets.FIN | packets.ACK)
        self._segment(at + STEP, other, packets.FIN | packets.ACK)
        self._segment(at + 2 * STEP, sender, packets.ACK)

    def _segment(self, at: float, sender: Host, flags: int, data: bytes = b"") -> bool:
        if at < self._clock:
            raise ValueError(f"TCP from {sender.name} at {at} s, but this connection is already at {self._clock:.4f} s")
        self._clock = at
        src, dst = self._ends[sender.ip]
        ack = self._next[dst[0].ip] if flags & packets.ACK else 0
        segment = packets.tcp(src, dst, self._next[sender.ip], ack, flags, data)
        self._next[sender.ip] += len(data) + (1 if flags & (packets.SYN | packets.FIN) else 0)
        return self._put(at, src[0], dst[0], packets.TCP, segment)
