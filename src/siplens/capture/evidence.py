"""Packets that the pass set aside, other than signalling, into rows of the small tables: one line per kind."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from siplens.capture import kernel_layout as k
from siplens.capture.containers import Notes, comments_in
from siplens.capture.icmp import icmp_row
from siplens.capture.kernel_layout import Array
from siplens.capture.memory import Memory
from siplens.capture.rows import Gathered, Row, where
from siplens.capture.rtcp import rtcp_rows
from siplens.capture.stun import stun_row

SIDES = {k.SIDE_T38: "t38", k.SIDE_DTLS: "dtls", k.SIDE_ZRTP: "zrtp"}
_MAX_SIDES = 100_000
Ends = tuple[str, int, str, int]
"""Sender's address and port, receiver's address and port."""


@dataclass(slots=True)
class _Side:
    """One row of `side_flow` so far."""

    row: Row
    first: int
    last: int
    rounds: int = 0

    def lost(self) -> int | None:
        """UDPTL numbers missing between the first and the last (ITU-T T.38 9.1); None for what has no numbers."""
        if self.row["kind"] != "t38":
            return None
        return max(0, self.last + self.rounds * 65536 - self.first + 1 - int(self.row["packets"]))


class Evidence:
    """Takes packets one by one; rows go to `gathered`."""

    def __init__(self, gathered: Gathered, notes: Notes) -> None:
        self._gathered = gathered
        self._notes = notes
        self._sides: dict[tuple[str, Ends], _Side] = {}

    def add(self, text: bytes, row: Array, memory: Memory) -> None:
        """Take one packet of a kind that is no signalling."""
        kind = int(row[k.R_KIND])
        if kind == k.KIND_RTCP:
            for report in rtcp_rows(text, where(row)):
                self._gathered.add("rtcp_report", report)
        elif kind == k.KIND_STUN:
            self._gather("stun_check", stun_row(text, where(row)))
        elif kind == k.KIND_ICMP:
            self._gather("icmp_error", icmp_row(text, int(row[k.R_A]), where(row)))
        elif kind == k.KIND_SIDE:
            self._beside_media(text, row)
        elif kind == k.KIND_COMMENT:
            for comment in comments_in(text, bool(memory.m[k.SWAPPED])):
                self._gathered.add("capture_comment", {"scope": "packet", "frame": int(row[k.R_FRAME]), "text": comment})

    def handshakes(self) -> dict[Ends, str]:
        """Who was seen to agree on keys for SRTP, and how: dtls or zrtp. Either way counts for both."""
        found: dict[Ends, str] = {}
        for kind, (src_ip, src_port, dst_ip, dst_port) in self._sides:
            if kind != "t38":
                found[src_ip, src_port, dst_ip, dst_port] = found[dst_ip, dst_port, src_ip, src_port] = kind
        return found

    def finish(self) -> None:
        """The end of the capture: what was counted becomes rows."""
        for side in self._sides.values():
            self._gathered.add("side_flow", side.row | {"lost": side.lost()})
        for scope, frame, text in self._notes.comments:
            self._gathered.add("capture_comment", {"scope": scope, "frame": frame, "text": text})
        for ip, name in self._notes.names:
            self._gathered.add("resolved_name", {"ip": ip, "name": name})

    def _gather(self, table: str, row: Row | None) -> None:
        if row is not None:
            self._gathered.add(table, row)

    def _beside_media(self, text: bytes, row: Array) -> None:
        seen = where(row)
        kind, frame, ts = SIDES[int(row[k.R_A])], seen.pop("frame"), seen.pop("ts")
        key = (kind, (seen["src_ip"], seen["src_port"], seen["dst_ip"], seen["dst_port"]))
        number = struct.unpack_from("!H", text)[0]
        side = self._sides.get(key)
        if side is None:
            if len(self._sides) >= _MAX_SIDES:
                return
            beginning = {"kind": kind, "first_frame": frame, "first_ts": ts, "packets": 0, "bytes": 0}
            side = self._sides[key] = _Side(seen | beginning, number, number)
        elif (number - side.last) & 0xFFFF < 0x8000:
            side.rounds += number < side.last
            side.last = number
        side.row["packets"] += 1
        side.row["bytes"] += int(row[k.R_B])
        side.row |= {"last_frame": frame, "last_ts": ts}
