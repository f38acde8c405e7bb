"""Link types, tags, tunnels, IP fragments: from all of them the same SIP message comes out."""

from __future__ import annotations

import struct
from ipaddress import ip_address
from pathlib import Path

import pytest

from siplens.capture import reader
from siplens.capture.kernel_layout import LINK_ETHERTYPE
from siplens.capture.links import LINK_TYPES, LinkType

from .packets import A6, B6, call_ids, ethernet, health, ip4, ip6, pcap, read, sip, tcp, udp, udp_frame

PACKET = ip4(udp(sip("inside")))
PACKET6 = ip6(udp(sip("inside")))

LINKS = {
    "null": (0, b"\x02\0\0\0" + PACKET),
    "loop": (108, b"\0\0\0\x02" + PACKET),
    "ppp": (9, b"\xff\x03\0\x21" + PACKET),
    "raw 12": (12, PACKET),
    "raw 101, IPv6": (101, PACKET6),
    "ipv4": (228, PACKET),
    "ipv6": (229, PACKET6),
    "cooked": (113, bytes(14) + b"\x08\0" + PACKET),
    "cooked 2": (276, b"\x86\xdd" + bytes(18) + PACKET6),
    "erf": (197, bytes(8) + bytes([2]) + bytes(7) + bytes(2) + ethernet(PACKET)),
    "ethernet": (1, ethernet(PACKET)),
    "ethernet, padded": (1, ethernet(PACKET) + bytes(20)),
    "vlan": (1, ethernet(b"\0\x05\x08\0" + PACKET, 0x8100)),
    "qinq": (1, ethernet(b"\0\x05\x81\0\0\x06\x86\xdd" + PACKET6, 0x88A8)),
    "mpls": (1, ethernet(b"\0\x01\0\x40\0\x02\x01\x40" + PACKET, 0x8847)),
    "pppoe": (1, ethernet(b"\x11\0\0\x01\0\0\0\x57" + PACKET6, 0x8864)),
    "snap": (1, ethernet(b"\xaa\xaa\x03\0\0\0\x08\0" + PACKET, 8 + len(PACKET))),
    "ip in ip": (1, ethernet(ip4(PACKET, 4))),
    "ipv6 in ipv4": (1, ethernet(ip4(PACKET6, 41))),
    "gre": (1, ethernet(ip4(b"\x20\0\x08\0\0\0\0\x07" + PACKET, 47))),
    "gre, ethernet": (1, ethernet(ip4(b"\0\0\x65\x58" + ethernet(PACKET), 47))),
    "gtp-u": (1, ethernet(ip4(udp(b"\x30\xff\0\0\0\0\0\x01" + PACKET, (2152, 2152))))),
    "gtp-u, sequence and extension": (
        1,
        ethernet(ip4(udp(b"\x36\xff\0\0\0\0\0\x01\0\x01\0\x85\x01\x10\0\0" + PACKET, (2152, 2152)))),
    ),
    "vxlan": (1, ethernet(ip4(udp(b"\x08\0\0\0\0\0\x01\0" + ethernet(PACKET), (40000, 4789))))),
    "vxlan on linux's port": (1, ethernet(ip4(udp(b"\x08\0\0\0\0\0\x01\0" + ethernet(PACKET), (40000, 8472))))),
    "geneve": (1, ethernet(ip4(udp(b"\x01\0\x65\x58\0\0\1\0" + bytes(4) + ethernet(PACKET), (40000, 6081))))),
    "erspan I": (1, ethernet(ip4(b"\0\0\x88\xbe" + ethernet(PACKET), 47))),
    "erspan II": (1, ethernet(ip4(b"\x10\0\x88\xbe\0\0\0\1" + b"\x10\x05\0\x09" + bytes(4) + ethernet(PACKET6, 0x86DD), 47))),
    "erspan III": (1, ethernet(ip4(b"\x10\0\x22\xeb\0\0\0\1" + b"\x20\x05\0\x09" + bytes(8) + ethernet(PACKET), 47))),
    "erspan III, more header": (
        1,
        ethernet(ip4(b"\x10\0\x22\xeb\0\0\0\1" + b"\x20\x05\0\x09" + bytes(6) + b"\0\1" + bytes(8) + ethernet(PACKET), 47)),
    ),
    "qinqinq": (1, ethernet(b"\0\1\x91\0\0\2\x81\0\0\3\x08\0" + PACKET, 0x88A8)),
    "vn-tag": (1, ethernet(b"\0\0\0\0\x81\0\0\7\x08\0" + PACKET, 0x8926)),
    "mpls, ethernet, control word": (1, ethernet(b"\0\x01\x01\x40" + bytes(4) + ethernet(PACKET), 0x8847)),
    "mpls, ethernet, none": (1, ethernet(b"\0\x01\x01\x40" + ethernet(PACKET), 0x8847)),
    "llc, ip": (1, ethernet(b"\x06\x06\x03" + PACKET, 3 + len(PACKET))),
    "authentication header": (1, ethernet(ip4(struct.pack("!BBHII", 4, 4, 0, 1, 1) + bytes(12) + PACKET, 51))),
    "authentication header, transport": (1, ethernet(ip4(struct.pack("!BBHII", 17, 4, 0, 1, 1) + bytes(12) + PACKET[20:], 51))),
    "macsec without encryption": (1, ethernet(bytes(6) + b"\x08\0" + PACKET + bytes(16), 0x88E5)),
    "macsec without encryption, channel": (1, ethernet(b"\x20" + bytes(13) + b"\x08\0" + PACKET + bytes(16), 0x88E5)),
    "cisco metadata": (1, ethernet(b"\1\1\0\1\0\x0a\x08\0" + PACKET, 0x8909)),
    "udp-lite": (1, ethernet(ip4(PACKET[20:24] + b"\0\x08\0\0" + PACKET[28:], 136))),
    "cisco hdlc": (104, b"\x0f\0\x08\0" + PACKET),
    "openbsd enc": (109, bytes(12) + PACKET),
    "ipv6, hop-by-hop and destination options": (
        1,
        ethernet(ip6(struct.pack("!BB6x", 60, 0) + struct.pack("!BB6x", 17, 0) + udp(sip("inside")), 0), 0x86DD),
    ),
}


@pytest.mark.parametrize(("link", "frame"), LINKS.values(), ids=LINKS.keys())
def test_sip_is_found_in(link: int, frame: bytes, tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap([(0, frame)], link=link))
    assert call_ids(tables) == ["inside"]
    assert health(tables) == {}


@pytest.mark.parametrize(("link", "frame"), LINKS.values(), ids=LINKS.keys())
def test_a_frame_cut_anywhere_does_no_harm(link: int, frame: bytes, tmp_path: Path) -> None:
    cuts = [(0.0, frame[:length]) for length in range(len(frame))]
    read(tmp_path / "c", pcap(cuts, link=link))


HEP_IP4 = b"\xc0\0\2\x0a\xc0\0\2\x0b"
CHUNKS = [(1, b"\x02"), (2, b"\x11"), (3, HEP_IP4[:4]), (4, HEP_IP4[4:]), (7, b"\x13\xc4"), (8, b"\x13\xc5"), (9, bytes(4)), (11, b"\1")]
ENDS6 = ip_address("2001:db8::a").packed, ip_address("2001:db8::b").packed


def hep3(payload: bytes, chunks: list[tuple[int, bytes]]) -> bytes:
    body = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in [*chunks, (15, payload)])
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


HEP = {
    "3": (hep3(sip("inside"), CHUNKS), ("192.0.2.10", 5060, "192.0.2.11", 5061, "udp")),
    "3, TCP, IPv6": (
        hep3(sip("inside"), [(1, b"\x0a"), (2, b"\x06"), (5, ENDS6[0]), (6, ENDS6[1]), (7, b"\x13\xc4"), (8, b"\x13\xc5")]),
        ("2001:db8::a", 5060, "2001:db8::b", 5061, "tcp"),
    ),
    "2": (b"\2\x1c\2\x11\x13\xc4\x13\xc5" + HEP_IP4 + bytes(12) + sip("inside"), ("192.0.2.10", 5060, "192.0.2.11", 5061, "udp")),
    "1": (b"\1\x10\2\x11\x13\xc4\x13\xc5" + HEP_IP4 + sip("inside"), ("192.0.2.10", 5060, "192.0.2.11", 5061, "udp")),
    "2, IPv6": (
        b"\2\x34\x0a\x11\x13\xc4\x13\xc5" + b"".join(ENDS6) + bytes(12) + sip("inside"),
        ("2001:db8::a", 5060, "2001:db8::b", 5061, "udp"),
    ),
}


@pytest.mark.parametrize(("payload", "hop"), HEP.values(), ids=HEP.keys())
def test_hep_tells_whose_message_it_copied(payload: bytes, hop: tuple[object, ...], tmp_path: Path) -> None:
    (row,) = read(tmp_path / "c", pcap([(0, udp_frame(payload, (40000, 9060)))]))["message"]
    assert row["call_id"] == "inside"
    assert tuple(row[column] for column in ("src_ip", "src_port", "dst_ip", "dst_port", "transport")) == hop


def test_hep_cut_anywhere_does_no_harm(tmp_path: Path) -> None:
    cuts = [(0.0, udp_frame(payload[:length], (40000, 9060))) for payload, _ in HEP.values() for length in range(0, len(payload), 3)]
    read(tmp_path / "c", pcap(cuts))


def test_frames_longer_than_ip_can_say(tmp_path: Path) -> None:
    """Segmentation offload: the capturing machine sees one packet of many segments, its IP length is 0 or too small for it."""
    text = sip("inside", body="x" * 70_000)
    long4 = struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, 6, 0) + bytes(8) + tcp(text, 1)
    long6 = struct.pack("!IHBB", 0x60000000, 0, 6, 64) + bytes(32) + tcp(text, 1)
    for frame in (ethernet(long4), ethernet(long6, 0x86DD)):
        (row,) = read(tmp_path / "c", pcap([(0, frame)]))["message"]
        assert (row["call_id"], row["body_bytes"]) == ("inside", 70_000)


def test_a_trailer_is_no_payload(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "c", pcap([(0, ethernet(PACKET) + b"trailer and check sequence")]))["message"]
    assert row["body_bytes"] == 0


def test_a_made_up_link_type_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "c"
    path.write_bytes(pcap([(0, b"made up" + b"\x08\0" + b"!!!" + PACKET)], link=147))
    made_up = LinkType(147, "MADE_UP", LINK_ETHERTYPE, 7, 12)
    tables = {batch.table: batch.rows.to_pylist() for batch in reader.read_capture(path, link_types=(*LINK_TYPES, made_up))}
    assert [row["call_id"] for row in tables["message"]] == ["inside"]
    assert tables["source"][0]["link_types"] == ["MADE_UP"]


BODY = udp(sip("fragmented", body="x" * 3000))


def fragments4(identity: int = 7) -> list[bytes]:
    parts = [(BODY[at : at + 1480], at) for at in range(0, len(BODY), 1480)]
    return [ethernet(ip4(part, identity=identity, fragment=at // 8 | (at + 1480 < len(BODY)) << 13)) for part, at in parts]


def fragments6() -> list[bytes]:
    parts = [(BODY[at : at + 1232], at) for at in range(0, len(BODY), 1232)]
    heads = [struct.pack("!BBHI", 17, 0, at | (at + 1232 < len(BODY)), 99) for _, at in parts]
    return [ethernet(ip6(head + part, 44), 0x86DD) for head, (part, _) in zip(heads, parts, strict=True)]


@pytest.mark.parametrize("frames", [fragments4(), fragments6()], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 0, 1, 1, 2)])
def test_fragments_in_any_order(frames: list[bytes], order: tuple[int, ...], tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap([(n, frames[part]) for n, part in enumerate(order)]))
    (row,) = tables["message"]
    assert (row["call_id"], row["body_bytes"]) == ("fragmented", 3000)
    assert row["frame"] == len(order), "the frame that completes the datagram, as Wireshark counts"
    assert health(tables) == {}


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
def test_overlapping_fragments(order: tuple[int, ...], tmp_path: Path) -> None:
    """Parts of different lengths that overlap, in any order: the datagram is whole once all of its bytes are there."""
    cuts = [(0, 1200), (800, 1600), (1600, 2400), (2000, len(BODY))]
    parts = [ethernet(ip4(BODY[at:end], identity=5, fragment=at // 8 | (end < len(BODY)) << 13)) for at, end in cuts]
    tables = read(tmp_path / "c", pcap([(n, parts[part]) for n, part in enumerate(order)]))
    assert [(row["call_id"], row["body_bytes"], row["frame"]) for row in tables["message"]] == [("fragmented", 3000, 4)]
    assert health(tables) == {}


def test_incomplete_fragments_are_counted(tmp_path: Path) -> None:
    frames = [*fragments4(1)[:2], *fragments4(2)[1:]]
    tables = read(tmp_path / "c", pcap([(0, frame) for frame in frames]))
    assert "message" not in tables
    assert health(tables) == {"fragments_incomplete": 2}


def test_a_flood_of_first_fragments_is_bounded(tmp_path: Path) -> None:
    frames = [(0.0, fragments4(identity)[0]) for identity in range(5_000)]
    assert health(read(tmp_path / "c", pcap(frames))) == {"fragments_incomplete": 5_000}


def test_addresses_are_canonical(tmp_path: Path) -> None:
    ends = ("2001:0db8:0:0:0:0:0:1", "::ffff:203.0.113.9")
    (row,) = read(tmp_path / "c", pcap([(0, udp_frame(sip(), ends=ends))]))["message"]
    assert (row["src_ip"], row["dst_ip"]) == ("2001:db8::1", "203.0.113.9")
    assert (A6, B6) == ("2001:db8::1", "2001:db8::2")


NOT_SIP = {
    "HTTP": b"GET /index.html HTTP/1.1\r\nHost: sip:b\r\n\r\n",
    "no colon in the URI": b"INVITE someone SIP/2.0\r\nCall-ID: c\r\n\r\n",
    "another version": b"INVITE sip:b@example.com SIP/3.0\r\nCall-ID: c\r\n\r\n",
    "two words": b"INVITE SIP/2.0\r\nCall-ID: c\r\n\r\n",
    "letters for a status": b"SIP/2.0 2OO OK\r\nCall-ID: c\r\n\r\n",
    "NUL in the start line": b"SIP/2.0 200 O\0K\r\nCall-ID: c\r\n\r\n",
    "line ends first": b"\r\n\r\n" + sip(),
    "junk first": b"junk " + sip(),
    "keep-alive": b"\r\n\r\n",
    "binary": b"\x15\x03\x01\0\x20" + bytes(40),
}


@pytest.mark.parametrize("payload", NOT_SIP.values(), ids=NOT_SIP.keys())
def test_what_is_not_sip_stays_out(payload: bytes, tmp_path: Path) -> None:
    assert "message" not in read(tmp_path / "c", pcap([(0, udp_frame(payload))]))


SIP = {
    "an unknown method": sip(method="FROBNICATE"),
    "any port": sip(),
    "no reason phrase": b"SIP/2.0 200\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n",
    "no Call-ID": b"OPTIONS sip:b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n",
    "a tel URI": b"INVITE tel:+4930123 SIP/2.0\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n\r\n",
    "cut within its header fields": sip()[:80],
}


@pytest.mark.parametrize("payload", SIP.values(), ids=SIP.keys())
def test_what_is_sip_is_kept(payload: bytes, tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap([(0, udp_frame(payload, (40000, 12345)))]))
    assert len(tables["message"]) == 1
