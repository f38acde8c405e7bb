"""Tags and tunnels in each other at random: siplens and tshark find the same messages between the same addresses."""

from __future__ import annotations

import random
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from siplens.pipeline.verify import verify_capture

from .packets import ethernet, ip4, ip6, pcap, sip, udp

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
TYPES = {4: 0x0800, 6: 0x86DD}
Tunnel = Callable[[int, bytes], tuple[bytes, int]]
"""Of IP version and IP packet inside: the payload of the IP packet around them, and its protocol."""


def _framed(version: int, packet: bytes) -> bytes:
    return ethernet(packet, TYPES[version])


TUNNELS: dict[str, Tunnel] = {
    "IP in IP": lambda version, packet: (packet, 4 if version == 4 else 41),
    "GRE": lambda version, packet: (struct.pack("!HH", 0, TYPES[version]) + packet, 47),
    "MPLS in GRE": lambda version, packet: (b"\0\0\x88\x47\0\x01\x01\x40" + packet, 47),
    "NVGRE": lambda version, packet: (b"\x20\0\x65\x58\0\0\1\0" + _framed(version, packet), 47),
    "ERSPAN II": lambda version, packet: (b"\x10\0\x88\xbe\0\0\0\1\x10\5\0\x09" + bytes(4) + _framed(version, packet), 47),
    "ERSPAN III": lambda version, packet: (b"\x10\0\x22\xeb\0\0\0\1\x20\5\0\x09" + bytes(8) + _framed(version, packet), 47),
    "VXLAN": lambda version, packet: (udp(b"\x08\0\0\0\0\0\1\0" + _framed(version, packet), (40000, 4789)), 17),
    "Geneve": lambda version, packet: (udp(b"\0\0\x65\x58\0\0\1\0" + _framed(version, packet), (40000, 6081)), 17),
    "GTP-U": lambda version, packet: (udp(b"\x30\xff" + struct.pack("!HI", len(packet), 1) + packet, (2152, 2152)), 17),
}


def tagged(packet: bytes, kind: int, chance: random.Random) -> tuple[bytes, int]:
    """One more header between Ethernet and what comes, and its EtherType."""
    if kind not in TYPES.values() or chance.random() < 0.5:
        return struct.pack("!HH", chance.randrange(4095), kind) + packet, chance.choice((0x8100, 0x88A8))
    if chance.random() < 0.5:
        return b"\0\x01\x00\x40\0\x02\x01\x40" + packet, 0x8847
    body = struct.pack("!H", 0x21 if kind == TYPES[4] else 0x57) + packet
    return b"\x11\0\0\1" + struct.pack("!H", len(body)) + body, 0x8864


def around(payload: bytes, protocol: int, number: int, chance: random.Random) -> tuple[int, bytes]:
    """An IP packet of either version, between addresses of its own."""
    if chance.random() < 0.5:
        return 4, ip4(payload, protocol, (f"10.0.{number}.{chance.randrange(1, 250)}", f"10.1.{number}.{chance.randrange(1, 250)}"))
    ends = (f"2001:db8:{number:x}::{chance.randrange(1, 999):x}", f"2001:db8:{number:x}::{chance.randrange(1000, 9999):x}")
    return 6, ip6(payload, protocol, ends)


def nested(number: int, chance: random.Random) -> bytes:
    version, packet = around(udp(sip(f"n{number}")), 17, number, chance)
    for _ in range(chance.randrange(3)):
        payload, protocol = chance.choice(list(TUNNELS.values()))(version, packet)
        version, packet = around(payload, protocol, number, chance)
    kind = TYPES[version]
    for _ in range(chance.randrange(3)):
        packet, kind = tagged(packet, kind, chance)
    return ethernet(packet, kind)


def test_random_nesting(tmp_path: Path) -> None:
    chance = random.Random(20260105)
    path = tmp_path / "c.pcap"
    path.write_bytes(pcap([(number / 100, nested(number, chance)) for number in range(120)]))
    found = verify_capture(path)
    assert found.messages == (120, 120)
    assert found.differences == []
    assert found.warnings == []
