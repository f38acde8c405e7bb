"""Packets under pseudonyms: whatever lies around the IP packet is walked over, and what is not understood is left out."""

from __future__ import annotations

import pytest

from siplens.capture.redact_packet import PacketRedactor
from siplens.capture.selection import Packet
from siplens.sip.pseudonyms import Pseudonyms
from siplens.sip.redact_words import Words

from .packets import sip, udp_frame

FRAME: bytes = bytes.fromhex("001b21aabbcc001b21ddeeff") + udp_frame(sip())[12:]
MACS, IP = FRAME[:12], FRAME[14:]
WRAPPED = {
    "plain": FRAME,
    "VLAN": MACS + b"\x81\x00\x00\x07\x08\x00" + IP,
    "MPLS, two labels": MACS + b"\x88\x47" + b"\x00\x01\x00\x40" + b"\x00\x02\x01\x40" + IP,
    "PPPoE": MACS + b"\x88\x64\x11\x00\x00\x01" + (len(IP) + 2).to_bytes(2, "big") + b"\x00\x21" + IP,
}
NOT_UNDERSTOOD = {"ARP": MACS + b"\x08\x06" + bytes(28), "LLDP": MACS + b"\x88\xcc" + bytes(20), "cut": FRAME[:16]}


def changed(frame: bytes, link: int = 1) -> Packet | None:
    redactor = PacketRedactor(Words(Pseudonyms(b"for tests only")))
    packet = Packet(1, 0, frame, len(frame), link, 65535, 0)
    redactor.learn(packet)
    return redactor.change(packet)


@pytest.mark.parametrize("frame", WRAPPED.values(), ids=WRAPPED)
def test_the_packet_inside_is_the_same_however_it_is_wrapped(frame: bytes) -> None:
    plain, wrapped = changed(FRAME), changed(frame)
    assert plain is not None
    assert wrapped is not None
    assert wrapped.content.endswith(plain.content[14:])
    assert len(wrapped.content) == len(frame)
    assert plain.content[26:34] != FRAME[26:34], "addresses"
    assert plain.content[:12] != FRAME[:12], "Ethernet addresses"
    assert b"SIP/2.0" in plain.content


@pytest.mark.parametrize("frame", NOT_UNDERSTOOD.values(), ids=NOT_UNDERSTOOD)
def test_what_is_not_understood_is_left_out(frame: bytes) -> None:
    assert changed(frame) is None


def test_another_link_type_is_left_out() -> None:
    assert changed(FRAME, link=105) is None
