"""What the packet kernel does not open, handed to tshark as a small capture of those frames alone.

Where tshark finds an IP packet inside, the kernel gets that packet, and counts it as any other; else its SIP is taken
as tshark gives it: out of TLS, for which the file brought the keys, or out of SCTP.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Iterator
from typing import NamedTuple

from siplens.capture import kernel_layout as k
from siplens.capture.addresses import halves
from siplens.capture.kernel_layout import Array
from siplens.errors import UnreadableFileError
from siplens.scratch import scratch_folder

MAX_FRAMES, MAX_BYTES = 100_000, 1 << 27
"""Most that is handed over, and kept in memory until then: with pyshark, a frame takes one to two milliseconds."""
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_NANOSECONDS_OPTION = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)
_TLS_KEY_LOG = 0x544C534B


def tshark_is_here() -> bool:
    """Whether frames can be handed over at all."""
    return shutil.which("tshark") is not None


class Opened(NamedTuple):
    """What tshark makes of one frame."""

    row: Array
    """The frame as the kernel noted it, with the addresses that tshark found."""
    kind: int
    """k.KIND_*: what carried the messages."""
    packet: bytes | None
    """The IP packet inside it, for the kernel."""
    messages: list[bytes]
    """SIP, where there is no such packet."""
    tls_port: bool
    """TLS on a port of SIP."""


_KINDS = {"udp": k.KIND_UDP, "tcp": k.KIND_TCP, "tls": k.KIND_TLS, "ws": k.KIND_WS, "wss": k.KIND_WSS, "sctp": k.KIND_SCTP}


class LeftOver:
    """Frames that the kernel left over, and where each came from."""

    def __init__(self) -> None:
        self.asked = True
        """False where tshark shall not be asked, or is not installed."""
        self.used = False
        """Whether tshark was asked."""
        self.problem: str | None = None
        """Why tshark stopped before the last frame."""
        self.full = False
        self.opened_for: set[tuple[int, int]] = set()
        """(place of the protocol in the kernel's table, link type) of which at least one frame was opened; place 0: a link type."""
        self.sealed: dict[frozenset[tuple[int, ...]], int] = {}
        """TLS connections on ports of SIP that no key opened, and a frame of each."""
        self._unsealed: set[frozenset[tuple[int, ...]]] = set()
        self._links: dict[int, int] = {}
        self._blocks: list[bytes] = []
        self._rows: list[Array] = []
        self._stored = 0

    def add(self, frame: bytes, row: Array) -> bool:
        """Keep one frame; False once there is no room for more, then it is not kept."""
        if self.full:
            return False
        link = int(row[k.R_A])
        if link not in self._links:
            self._links[link] = len(self._links)
            self._blocks.append(_block(1, struct.pack("<HHI", link, 0, 0) + _NANOSECONDS_OPTION))
        time = int(row[k.R_TIME])
        time = 0 if time == k.NO_TIME else time
        head = struct.pack("<IIIII", self._links[link], time >> 32, time & 0xFFFFFFFF, len(frame), len(frame))
        self._blocks.append(_block(6, head + frame))
        self._rows.append(row)
        self._stored += len(frame)
        self.full = len(self._rows) >= MAX_FRAMES or self._stored >= MAX_BYTES
        return not self.full

    def __len__(self) -> int:
        return len(self._rows)

    def opened(self, secrets: list[bytes]) -> Iterator[Opened]:
        """What tshark makes of the frames, in order; `problem` says afterwards whether it came to their end."""
        from siplens.capture.wireshark import TLS_PORTS, unwrapped

        self.used = True
        with scratch_folder() as folder:
            path = folder / "left-over.pcapng"
            keys = [_block(10, struct.pack("<II", _TLS_KEY_LOG, len(text)) + text) for text in secrets]
            with path.open("wb") as file:
                file.writelines([_SECTION, *keys, *self._blocks])
            try:
                for sighting, packet in unwrapped(path):
                    row = self._rows[sighting.frame - 1].copy()
                    src_ip, src_port, dst_ip, dst_port = sighting.hop
                    if src_ip and dst_ip:
                        row[k.R_SRC_HI : k.R_DST_PORT + 1] = *halves(src_ip), *halves(dst_ip), src_port or 0, dst_port or 0
                    tls_port = sighting.transport == "tls" and (src_port in TLS_PORTS or dst_port in TLS_PORTS)
                    messages = [] if packet is not None else sighting.messages
                    yield Opened(row, _KINDS.get(sighting.transport, k.KIND_UDP), packet, messages, tls_port)
            except UnreadableFileError as error:
                self.problem = error.message

    def note(self, one: Opened, *, opened: bool) -> None:
        """Remember whether a frame was opened, for what is told of the capture's health."""
        row = one.row
        ends = frozenset(
            [tuple(row[[k.R_SRC_HI, k.R_SRC_LO, k.R_SRC_PORT]].tolist()), tuple(row[[k.R_DST_HI, k.R_DST_LO, k.R_DST_PORT]].tolist())]
        )
        if opened:
            self.opened_for.add((int(row[k.R_B]), int(row[k.R_A])))
            self._unsealed.add(ends)
            self.sealed.pop(ends, None)
        elif one.tls_port and ends not in self._unsealed:
            self.sealed.setdefault(ends, int(row[k.R_FRAME]))


def _block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size
