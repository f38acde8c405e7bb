"""Media through a relay: RTP in TURN's ChannelData and in Send and Data indications, Microsoft's too, is RTP between client and relay."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from siplens.capture.redact_payload import redact_datagram
from siplens.capture.selection import find_frames
from siplens.capture.wanted import Flow, Wanted
from siplens.sip.pseudonyms import Pseudonyms
from siplens.sip.redact_words import Words

from .packets import A, B, Tables, health, pcap, read, rtp, sdp, sip, udp_frame

PORTS = (50_000, 3478)
TRANSACTION = b"transaction!"
PEER = struct.pack("!HHBBHI", 0x0012, 8, 0, 1, 40_000, 0xC0000207)
MS_COOKIE = struct.pack("!HH4s", 0x000F, 4, b"\x72\xc6\x4b\xc6")
MS_VERSION = struct.pack("!HHI", 0x8008, 4, 6)


def stun(kind: int, attributes: bytes) -> bytes:
    return struct.pack("!HHI", kind, len(attributes), 0x2112A442) + TRANSACTION + attributes


def microsoft(kind: int, attributes: bytes) -> bytes:
    """[MS-TURN] 2.2.1: a transaction of 16 bytes, the cookie in the first attribute."""
    attributes = MS_COOKIE + attributes
    return struct.pack("!HH", kind, len(attributes)) + b"any" + b"\x09" + TRANSACTION + attributes


def data(content: bytes, *, padded: bool = True) -> bytes:
    return struct.pack("!HH", 0x0013, len(content)) + content + bytes(-len(content) % 4 if padded else 0)


WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "channel": lambda packet: struct.pack("!HH", 0x4001, len(packet)) + packet,
    "channel, padded": lambda packet: struct.pack("!HH", 0x4001, len(packet)) + packet + bytes(-len(packet) % 4),
    "send indication": lambda packet: stun(0x0016, PEER + data(packet)),
    "data indication, fingerprint": lambda packet: stun(0x0017, data(packet) + PEER + struct.pack("!HHI", 0x8028, 4, 7)),
    "Microsoft's send request": lambda packet: microsoft(0x0004, MS_VERSION + PEER + data(packet, padded=False)),
    "Microsoft's data indication": lambda packet: microsoft(0x0115, PEER + data(packet)),
}


def media(wrapped: Callable[[bytes], bytes], count: int = 30, *, skip: frozenset[int] = frozenset()) -> list[tuple[float, bytes]]:
    packets = [rtp(n, n * 160, payload=bytes(157)) for n in range(count)]
    return [(1 + n * 0.02, udp_frame(wrapped(packet), PORTS)) for n, packet in enumerate(packets) if n not in skip]


def flow(tables: Tables) -> dict[str, object]:
    (row,) = tables["media_flow"]
    return row


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_it_is_counted_like_any_other(wrapped: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Addresses and ports are those of client and relay; everything else is as if it had come without TURN."""
    skip = frozenset((9, 10))
    tables = read(tmp_path / "c", pcap(media(wrapped, skip=skip)))
    row, plain = flow(tables), flow(read(tmp_path / "c", pcap(media(lambda packet: packet, skip=skip))))
    assert (row["in_turn"], plain["in_turn"]) == (True, False)
    assert (row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"]) == (A, *PORTS[:1], B, PORTS[1])
    assert row | {"in_turn": False} == plain
    assert (row["packets"], row["lost"], row["bound_by"]) == (28, 2, "regularity")
    assert "stun_check" not in tables


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_sdp_gives_it_clock_and_name(wrapped: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Where the relay is on the client's own network, its port is the one in SDP."""
    offer = (0.0, udp_frame(sip(body=sdp(B, PORTS[1], "8 PCMA/8000"))))
    row = flow(read(tmp_path / "c", pcap([offer, *media(wrapped, 3)])))
    assert (row["bound_by"], row["packets"], row["clock_hz"], row["in_turn"]) == ("sdp", 3, 8000, True)


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_reports_inside_it_are_read(wrapped: Callable[[bytes], bytes], tmp_path: Path) -> None:
    report = struct.pack("!BBHI", 0x80, 201, 1, 0x55)
    tables = read(tmp_path / "c", pcap([(0, udp_frame(wrapped(report), PORTS))]))
    assert [(row["type"], row["ssrc"], row["dst_port"]) for row in tables["rtcp_report"]] == [("RR", 0x55, PORTS[1])]


OTHERS = {
    "a check on its way": stun(0x0016, PEER + data(stun(0x0001, b""))),
    "no data": stun(0x0016, PEER),
    "a request with data": stun(0x0003, PEER + data(rtp(1, 1))),
    "data that is longer than the message": stun(0x0017, data(rtp(1, 1))[:-100]),
    "Microsoft's, a check": microsoft(0x0115, PEER + data(stun(0x0001, b""))),
    "Microsoft's, seven bytes": microsoft(0x0115, PEER + data(b"secrets", padded=False)),
    "allocate": microsoft(0x0003, MS_VERSION),
}


@pytest.mark.parametrize("payload", OTHERS.values(), ids=OTHERS)
def test_all_other_messages_stay_stun(payload: bytes, tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap([(n / 50, udp_frame(payload, PORTS)) for n in range(20)]))
    assert len(tables["stun_check"]) == 20
    assert "media_flow" not in tables


@pytest.mark.parametrize("wrapped", WRAPPED.values(), ids=WRAPPED)
def test_an_export_finds_it(wrapped: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path, other = tmp_path / "c", (0.5, udp_frame(wrapped(rtp(1, 1, ssrc=0x9999)), PORTS))
    row = flow(read(path, pcap([other, *media(wrapped)])))
    columns = ("src_ip", "src_port", "dst_ip", "dst_port", "ssrc", "first_frame", "last_frame")
    wanted = Wanted(flows=[Flow(*(row[column] for column in columns))])  # type: ignore[arg-type]  # rows are of any type
    assert find_frames(path, wanted) == set(range(2, 32))


@pytest.mark.parametrize("name", [name for name in WRAPPED if "Microsoft" not in name])
def test_redacted_it_is_still_media_without_what_was_said(name: str, tmp_path: Path) -> None:
    said = b"what was said, which nobody else shall know "
    words = Words(Pseudonyms(b"for tests only"))
    payloads = [redact_datagram(WRAPPED[name](rtp(n, n * 160, payload=said * 3)), words) for n in range(20)]
    assert all(len(payload) == len(WRAPPED[name](rtp(0, 0, payload=said * 3))) for payload in payloads)
    assert not any(said[:8] in payload for payload in payloads)
    row = flow(read(tmp_path / "c", pcap([(n * 0.02, udp_frame(payload, PORTS)) for n, payload in enumerate(payloads)])))
    assert (row["packets"], row["lost"], row["in_turn"]) == (20, 0, True)


def test_messages_within_messages_are_not_followed() -> None:
    """Data that is STUN with data that is STUN …: zeros, at once."""
    nested = b""
    while len(nested) < 60_000:
        nested = stun(0x0016, data(nested))
    assert not any(redact_datagram(nested, Words(Pseudonyms(b"for tests only")))[44:])


def test_cut_and_damaged_it_does_no_harm(tmp_path: Path) -> None:
    chance = random.Random(5)
    whole = [wrapped(rtp(1, 1)) for wrapped in WRAPPED.values()]
    cuts = [(0.0, udp_frame(one[:length], PORTS)) for one in whole for length in range(len(one))]
    for one in whole * 40:
        damaged = bytearray(one)
        damaged[chance.randrange(48)] ^= 1 << chance.randrange(8)
        cuts.append((0.0, udp_frame(bytes(damaged), PORTS)))
    assert health(read(tmp_path / "c", pcap(cuts))) == {}


def test_real_messages_whose_data_is_not_padded(shared_data: Path) -> None:
    """A Teams client and its relay, of which 18 messages are no multiple of four bytes long."""
    from .packets import read_file

    rows = read_file(shared_data / "pcap/stun-ice/ndpi_teams.pcap")["stun_check"]
    assert len(rows) == 61
    assert {row["method"] for row in rows} >= {"binding", "allocate"}
