"""Media flows: the compiled arithmetic against a slow and plain one, and which packets make a flow at all."""

from __future__ import annotations

import itertools
import random
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .packets import A6, B6, A, B, call_ids, ethernet, health, ip4, ip6, pcap, read, rtp, sdp, sip, udp, udp_frame

PORTS = (30000, 40000)
OFFER = (0.0, udp_frame(sip(body=sdp(B, PORTS[1]))))


@dataclass
class Reference:
    """What `tshark -z rtp,streams` computes, written for reading: one packet after another."""

    clock: int
    first: tuple[int, int] | None = None
    packets: int = 0
    cycles: int = 0
    under: bool = False
    last_seq: int = 0
    last_type: int = 0
    time: float = 0.0
    nominal: float = 0.0
    jitter: float = 0.0
    mean: float = 0.0
    jitters: list[float] = field(default_factory=list)
    deltas: list[float] = field(default_factory=list)

    def take(self, time_ms: float, seq: int, stamp: int, payload_type: int, marker: bool) -> None:
        if self.first is None:
            self.first, self.time = (seq, stamp), time_ms
        else:
            self._follow(time_ms, seq, stamp, payload_type, marker)
        self.packets += 1
        self.last_seq, self.last_type = seq, payload_type

    def _follow(self, time_ms: float, seq: int, stamp: int, payload_type: int, marker: bool) -> None:
        assert self.first is not None
        forward = (stamp - self.first[1]) % 2**32
        if forward >= 2**31:
            return
        if not self.under and (seq < self.first[0] or (seq == 0 and self.last_seq == 65535)):
            self.cycles, self.under = self.cycles + 1, True
        elif self.under and seq > self.first[0]:
            self.under = False
        delta, nominal = time_ms - self.time, forward * 1000 / self.clock
        self.jitter = (15 * self.jitter + abs(delta - (nominal - self.nominal))) / 16
        self.time, self.nominal = time_ms, nominal
        if not marker and 13 not in (payload_type, self.last_type):
            self.deltas.append(delta)
            self.jitters.append(self.jitter)
            self.mean += (self.jitter - self.mean) / self.packets

    @property
    def expected(self) -> int:
        assert self.first is not None
        return self.last_seq + self.cycles * 65536 - self.first[0] + 1


def flow(tables: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    (row,) = tables["media_flow"]
    return row


@pytest.mark.parametrize("seed", range(25))
def test_loss_delta_and_jitter(seed: int, tmp_path: Path) -> None:
    """Lost, late, repeated and reordered packets, comfort noise, markers, numbers that wrap, pauses."""
    chance = random.Random(seed)
    seq, stamp, time_us = chance.choice([0, 1, 65500, 40000]), chance.choice([0, 2**32 - 5000, 123456]), 1_000_000
    sent = []
    for _ in range(chance.choice([2, 50, 400])):
        payload_type = 13 if chance.random() < 0.05 else 8
        sent.append((time_us + chance.randrange(0, 15_000), seq % 65536, stamp % 2**32, payload_type, chance.random() < 0.05))
        step = 50 if chance.random() < 0.01 else 1
        seq, stamp, time_us = seq + 1, stamp + 160 * step, time_us + 20_000 * step
    sent = [packet for packet in sent if chance.random() > 0.03] or sent
    sent = [packet for packet in sent for _ in range(2 if chance.random() < 0.02 else 1)]
    for _ in range(len(sent) // 50):
        place = chance.randrange(1, max(2, len(sent) - 1))
        sent[place : place + 2] = reversed(sent[place : place + 2])
    times = sorted(packet[0] for packet in sent)
    reference = Reference(8000)
    frames = [OFFER]
    for time, (_, number, rtp_time, payload_type, marker) in zip(times, sent, strict=True):
        reference.take(time / 1000, number, rtp_time, payload_type, marker)
        frames.append((time / 1e6, udp_frame(rtp(number, rtp_time, payload_type=payload_type, marker=marker), PORTS)))
    row = flow(read(tmp_path / "c", pcap(frames)))
    assert (row["packets"], row["expected"], row["lost"]) == (len(sent), reference.expected, reference.expected - len(sent))
    assert (row["first_frame"], row["last_frame"], row["bytes"]) == (2, len(sent) + 1, 172 * len(sent))
    assert row["max_delta_ms"] == pytest.approx(max(reference.deltas, default=0.0))
    if reference.jitters:
        assert row["jitter_max_ms"] == pytest.approx(max(reference.jitters))
        assert row["jitter_min_ms"] == pytest.approx(min(reference.jitters))
        assert row["jitter_mean_ms"] == pytest.approx(reference.mean)
    else:
        assert row["jitter_max_ms"] is None


def stream(count: int, *, payload_type: int = 8, step: int = 160, **options: Any) -> list[tuple[float, bytes]]:
    """Packets every 20 ms from second 1 on."""
    return [(1 + n * 0.02, udp_frame(rtp(100 + n, 5000 + n * step, payload_type=payload_type, **options), PORTS)) for n in range(count)]


@pytest.mark.parametrize("ends", [(A, B), (A6, B6)], ids=["IPv4", "IPv6"])
def test_the_receivers_or_the_senders_announcement_binds(ends: tuple[str, str], tmp_path: Path) -> None:
    media = [(1 + n * 0.02, udp_frame(rtp(n, n * 160), PORTS, ends)) for n in range(2)]
    for address, port in ((ends[1], PORTS[1]), (ends[0], PORTS[0])):
        row = flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=sdp(address, port)))), *media])))
        assert (row["bound_by"], row["src_ip"], row["dst_ip"], row["dst_port"]) == ("sdp", *ends, PORTS[1])
    assert "media_flow" not in read(tmp_path / "c", pcap([(0, udp_frame(sip(body=sdp(ends[1], 40002)))), *media]))


BODIES = {
    "address of the m-section": sdp("192.0.2.99", 40000).replace("a=rtpmap", f"c=IN IP4 {B}\r\na=rtpmap"),
    "second m-line": sdp(B, 0) + "m=audio 40000 RTP/AVP 8\r\n",
    "line feeds alone": sdp(B, 40000).replace("\r\n", "\n"),
    "multicast time to live": sdp(f"{B}/127", 40000),
    "secure profile": sdp(B, 40000).replace("RTP/AVP", "UDP/TLS/RTP/SAVPF"),
    "second part of a multipart": "--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x\r\n\r\n" + sdp(B, 40000) + "--x--\r\n",
    "ICE candidate, RFC 8839": sdp("192.0.2.99", 1) + f"a=candidate:1 1 UDP 2130706431 {B} 40000 typ host\r\n",
    "ICE candidate, older draft": sdp("192.0.2.99", 1) + f"a=candidate:user 1 pass UDP 0.9 {B} 40000\r\n",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_announcements_in_all_forms(body: str, tmp_path: Path) -> None:
    assert flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=body))), *stream(2)])))["bound_by"] == "sdp"


@pytest.mark.parametrize(
    "text",
    [
        "2001:db8::1",
        "::1",
        "1::",
        "2001:db8:0:0:1:0:0:1",
        "fe80::1:2:3:4",
        "::ffff:192.0.2.7",
        "64:ff9b::192.0.2.33",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7::",
    ],
)
def test_ipv6_addresses_in_every_spelling(text: str, tmp_path: Path) -> None:
    media = [(1 + n * 0.02, udp_frame(rtp(n, n * 160), PORTS, (A6, text))) for n in range(2)]
    assert flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=sdp(text, PORTS[1])))), *media])))["bound_by"] == "sdp"


def test_clock_and_name_come_from_rtpmap(tmp_path: Path) -> None:
    offer = (0.0, udp_frame(sip(body=sdp(B, PORTS[1], "96 opus/48000/2", 96))))
    row = flow(read(tmp_path / "c", pcap([offer, *stream(50, payload_type=96, step=960)])))
    assert row["clock_hz"] == 48000
    assert row["payload_types"] == [{"pt": 96, "codec": "opus/48000/2", "packets": 50}]
    assert row["jitter_max_ms"] == pytest.approx(0, abs=1e-9)


def test_payload_types_share_the_sequence_and_events_are_counted(tmp_path: Path) -> None:
    body = sdp(B, PORTS[1]) + "a=rtpmap:101 telephone-event/8000\r\n"
    talk = [rtp(n, n * 160) for n in range(10)]
    keys = [
        rtp(
            10 + key * 5 + n,
            1600 + key * 800,
            payload_type=101,
            marker=n == 0,
            payload=struct.pack("!BBH", digit, 0x8A if n > 2 else 10, 160 * n),
        )
        for key, digit in enumerate((1, 2, 2))
        for n in range(5)
    ]
    more = [rtp(25 + n, 4000 + n * 160) for n in range(10)]
    media = [(1 + n * 0.02, udp_frame(payload, PORTS)) for n, payload in enumerate([*talk, *keys, *more])]
    row = flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=body))), *media])))
    assert (row["packets"], row["lost"], row["dtmf_events"]) == (35, 0, 3)
    assert row["payload_types"] == [
        {"pt": 8, "codec": "PCMA/8000", "packets": 20},
        {"pt": 101, "codec": "telephone-event/8000", "packets": 15},
    ]


def test_announced_late_splits_the_flow(tmp_path: Path) -> None:
    """As in Wireshark, an announced flow begins with its announcement; what came before is not thrown away."""
    media = stream(60)
    tables = read(tmp_path / "c", pcap([*media[:40], (1.795, OFFER[1]), *media[40:]]))
    assert [(row["bound_by"], row["packets"], row["first_frame"]) for row in tables["media_flow"]] == [
        ("regularity", 40, 1),
        ("sdp", 20, 42),
    ]


def test_without_signalling_a_flow_is_found_by_its_own_form(tmp_path: Path) -> None:
    row = flow(read(tmp_path / "c", pcap(stream(20))))
    assert (row["bound_by"], row["packets"], row["lost"], row["first_frame"]) == ("regularity", 20, 0, 1)
    assert row["clock_hz"] == 8000


def other_protocols() -> dict[str, list[bytes]]:
    chance = random.Random(1)
    return {
        "random bytes": [bytes([0x80]) + chance.randbytes(60) for _ in range(3000)],
        "DNS with high transaction numbers": [
            struct.pack("!HHHHHH", 0x8000 + n, 0x0100, 1, 0, 0, 0) + b"\x07example\x03com\0\0\x01\0\x01" for n in range(200)
        ],
        "constant bytes": [b"\x80" + bytes(40)] * 200,
        "a counter where RTP's is, but no clock": [struct.pack("!BBHII", 0x80, 96, n, 7, 9) + bytes(20) for n in range(200)],
        "a clock that jumps": [struct.pack("!BBHII", 0x80, 96, n, n * 2**20, 9) + bytes(20) for n in range(200)],
        "DTLS": [b"\x17\xfe\xfd" + struct.pack("!HIHH", 1, n, n, 40) + bytes(40) for n in range(200)],
        "QUIC": [b"\xc3\0\0\0\x01\x08" + chance.randbytes(60) for _ in range(200)],
        "unassigned payload type": [rtp(n, n * 160, payload_type=50) for n in range(200)],
    }


@pytest.mark.parametrize("payloads", other_protocols().values(), ids=other_protocols().keys())
def test_other_protocols_make_no_flows(payloads: list[bytes], tmp_path: Path) -> None:
    frames = [(n * 0.02, udp_frame(payload, PORTS)) for n, payload in enumerate(payloads)]
    assert "media_flow" not in read(tmp_path / "c", pcap(frames))


def test_more_flows_and_announcements_than_the_first_tables_hold(tmp_path: Path) -> None:
    """Tables grow while packets are counted: nothing is lost or counted twice."""
    calls = 6_000
    offers = [(n / 1000, udp_frame(sip(f"c{n}", body=sdp(B, 10000 + n * 2)))) for n in range(calls)]
    rounds = [
        (10 + turn + n / 10000, udp_frame(rtp(turn, turn * 8000, ssrc=n), (5004, 10000 + n * 2)))
        for turn, n in itertools.product(range(3), range(calls))
    ]
    tables = read(tmp_path / "c", pcap([*offers, *rounds]))
    assert [row["ssrc"] for row in tables["media_flow"]] == list(range(calls))
    assert {(row["packets"], row["lost"], row["bound_by"]) for row in tables["media_flow"]} == {(3, 0, "sdp")}
    assert len(tables["message"]) == calls


def test_media_in_fragments_is_counted(tmp_path: Path) -> None:
    packet = udp(rtp(7, 0, payload=bytes(2000)), PORTS)
    whole = (0.5, udp_frame(rtp(6, 0), PORTS))
    parts = [(1.0, ethernet(ip4(packet[at : at + 1480], identity=3, fragment=at // 8 | (at == 0) << 13))) for at in (0, 1480)]
    row = flow(read(tmp_path / "c", pcap([OFFER, whole, *parts])))
    assert (row["packets"], row["bytes"], row["last_frame"]) == (2, 172 + 2012, 4)


def test_rtcp_reports(tmp_path: Path) -> None:
    report = struct.pack("!IB3sIIII", 0x77, 64, (-5).to_bytes(3, "big", signed=True), 9000, 42, 0, 0)
    sender = struct.pack("!BBHI", 0x81, 200, 12, 0x55) + bytes(20) + report
    description = struct.pack("!BBHI", 0x81, 202, 2, 0x55) + b"\x01\x01a\0"
    goodbye = struct.pack("!BBHII", 0x82, 203, 2, 0x55, 0x56)
    receiver = struct.pack("!BBHI", 0x80, 201, 1, 0x66)
    payloads = [sender + description + goodbye, receiver, sender[:-1]]
    tables = read(tmp_path / "c", pcap([(n, udp_frame(payload, (30001, 40001))) for n, payload in enumerate(payloads)]))
    rows = [(row["frame"], row["type"], row["ssrc"], row["about_ssrc"], row["cumulative_lost"]) for row in tables["rtcp_report"]]
    assert rows == [
        (1, "SR", 0x55, 0x77, -5),
        (1, "SDES", 0x55, None, None),
        (1, "BYE", 0x55, None, None),
        (1, "BYE", 0x56, None, None),
        (2, "RR", 0x66, None, None),
    ]
    assert (tables["rtcp_report"][0]["fraction_lost"], tables["rtcp_report"][0]["jitter_units"]) == (0.25, 42)
    assert tables["rtcp_report"][1]["cname"] == "a"


def test_srtcp_is_named_and_nothing_is_read_out_of_its_secret(tmp_path: Path) -> None:
    """Sender's and receiver's reports with SDES behind them, encrypted: header, SSRC and index are all that is in the clear."""
    secret = random.Random(3).randbytes(80)
    index, tag = struct.pack("!I", 0x80000007), bytes(range(10))
    sender = struct.pack("!BBHI", 0x81, 200, 12, 0x55) + secret[:44] + secret[44:60] + index + tag
    receiver = struct.pack("!BBHI", 0x80, 201, 1, 0x66) + index + b"\x01" + tag  # one byte of master key identifier, as Lync's a=crypto has
    plain = struct.pack("!BBHI", 0x80, 201, 1, 0x77) + struct.pack("!BBHI", 0x81, 202, 6, 0x77) + b"\x01\x12" + b"a" * 12  # cut
    other = struct.pack("!BBHI", 0x81, 200, 99, 0x88) + bytes(600)  # no length that a report has
    payloads = [sender, receiver, plain, other]
    tables = read(tmp_path / "c", pcap([(n, udp_frame(payload, (30001, 40001))) for n, payload in enumerate(payloads)]))
    rows = [(row["frame"], row["type"], row["ssrc"], row["about_ssrc"], row["ntp_middle"]) for row in tables["rtcp_report"]]
    assert rows == [(1, "SRTCP", 0x55, None, None), (2, "SRTCP", 0x66, None, None)]


def attribute(code: int, value: bytes) -> bytes:
    return struct.pack("!HH", code, len(value)) + value + bytes(-len(value) % 4)


def stun(kind: int, attributes: bytes, cookie: int = 0x2112A442) -> bytes:
    return struct.pack("!HHI", kind, len(attributes), cookie) + b"transaction!" + attributes


def test_stun_checks(tmp_path: Path) -> None:
    mapped4 = attribute(
        0x0020,
        struct.pack("!BBH", 0, 1, 40000 ^ 0x2112) + bytes(a ^ b for a, b in zip(b"\xcb\0\x71\x05", b"\x21\x12\xa4\x42", strict=True)),
    )
    payloads = [
        stun(0x0001, attribute(0x0006, b"far:near") + attribute(0x0025, b"")),
        stun(0x0101, mapped4),
        stun(0x0113, attribute(0x0009, b"\0\0\x04\x01Unauthorized")),
        stun(0x0001, b"", cookie=0x01020304),
        stun(0x0101, attribute(0x0001, struct.pack("!BBH4s", 0, 1, 1234, b"\xc0\0\x02\x09")), cookie=0x01020304),
        stun(0x0001, b"")[:-1],
        b"\0\x01\0\0" + bytes(17),
    ]
    tables = read(tmp_path / "c", pcap([(n, udp_frame(payload, (50000, 3478))) for n, payload in enumerate(payloads)]))
    columns = ("frame", "class", "method", "username", "use_candidate", "mapped_ip", "mapped_port", "error_code")
    assert [tuple(row[column] for column in columns) for row in tables["stun_check"]] == [
        (1, "request", "binding", "far:near", True, None, None, None),
        (2, "success", "binding", None, False, "203.0.113.5", 40000, None),
        (3, "error", "allocate", None, False, None, None, 401),
        (4, "request", "binding", None, False, None, None, None),
        (5, "success", "binding", None, False, "192.0.2.9", 1234, None),
    ]


def test_what_stun_says_of_relays_and_roles(tmp_path: Path) -> None:
    def hidden(ip: bytes, port: int) -> bytes:
        return struct.pack("!BBH", 0, 1, port ^ 0x2112) + bytes(a ^ b for a, b in zip(ip, b"\x21\x12\xa4\x42", strict=True))

    check = attribute(0x0024, struct.pack("!I", 1_862_270_975)) + attribute(0x802A, bytes(8)) + attribute(0x8022, b"agent 1\0")
    microsoft = (
        attribute(0x8008, struct.pack("!I", 6))
        + attribute(0x8054, b"cand")
        + attribute(0x8055, b"\0\1\0\1")
        + attribute(0x8070, struct.pack("!I", 3))
    )
    relay = attribute(0x0016, hidden(b"\xcb\0\x71\x09", 50_000)) + attribute(0x000D, struct.pack("!I", 600))
    payloads = [
        stun(0x0001, check + microsoft + attribute(0x8037, bytes(4))),
        stun(0x0103, relay),
        stun(0x0016, attribute(0x0012, hidden(b"\xc0\0\2\7", 40_000)) + attribute(0x8029, bytes(8))),
    ]
    rows = read(tmp_path / "c", pcap([(n, udp_frame(payload, (50000, 3478))) for n, payload in enumerate(payloads)]))["stun_check"]
    first = ("priority", "ice_role", "software", "ms_version", "ms_candidate", "ms_service_quality", "ms_implementation", "ms_attributes")
    assert [rows[0][column] for column in first] == [
        1_862_270_975,
        "controlling",
        "agent 1",
        6,
        "63616e64",
        "00010001",
        3,
        ["0x8008", "0x8054", "0x8055", "0x8070", "0x8037"],
    ]
    assert [rows[1][column] for column in ("class", "relayed_ip", "relayed_port", "lifetime_s")] == ["success", "203.0.113.9", 50_000, 600]
    assert [rows[2][column] for column in ("class", "method", "peer_ip", "peer_port", "ice_role")] == [
        "indication",
        "send",
        "192.0.2.7",
        40_000,
        "controlled",
    ]
    assert {row["transaction"] for row in rows} == {b"transaction!".hex()}


def test_microsofts_turn_of_an_early_draft(tmp_path: Path) -> None:
    """Its cookie stands in the first attribute, its addresses are in the clear, and its data indication has another number."""
    cookie = attribute(0x000F, b"\x72\xc6\x4b\xc6")
    peer = struct.pack("!BBH4s", 0, 1, 40_000, b"\xc0\0\2\7")
    payloads = [
        stun(0x0003, cookie + attribute(0x8008, struct.pack("!I", 1)), cookie=0x01020304),
        stun(0x0004, cookie + attribute(0x0011, peer), cookie=0x01020304),
        stun(0x0115, cookie + attribute(0x0012, peer), cookie=0x01020304),
    ]
    rows = read(tmp_path / "c", pcap([(n, udp_frame(payload, (50000, 3478))) for n, payload in enumerate(payloads)]))["stun_check"]
    assert [(row["class"], row["method"], row["peer_ip"], row["peer_port"]) for row in rows] == [
        ("request", "allocate", None, None),
        ("request", "send", "192.0.2.7", 40_000),
        ("indication", "data", "192.0.2.7", 40_000),
    ]
    assert rows[0]["ms_version"] == 1


def test_what_rtcp_says_besides(tmp_path: Path) -> None:
    sender = struct.pack("!BBHI", 0x81, 200, 12, 0x55) + struct.pack("!5I", 0x11112222, 0x33334444, 8000, 500, 80_000)
    sender += struct.pack("!IB3sIIII", 0x77, 0, bytes(3), 9000, 42, 0xAABBCCDD, 65_536)
    names = struct.pack("!BBHI", 0x82, 202, 6, 0x55) + b"\1\x05a@b.c\0" + struct.pack("!I", 0x56) + b"\1\2xy" + bytes(4)
    words = b"shutdown"
    goodbye = struct.pack("!BBHI", 0x81, 203, 4, 0x55) + bytes([len(words)]) + words + bytes(3)
    metrics = struct.pack("!BBHI4B4H4B4B2B3H", 7, 0, 8, 0x77, 26, 13, 0, 0, 0, 0, 80, 30, 0, 0, 0, 0, 88, 127, 42, 41, *bytes(5))
    extended = struct.pack("!BBHI", 0x80, 207, 10, 0x55) + metrics
    tables = read(tmp_path / "c", pcap([(0, udp_frame(sender + names + extended + goodbye, (30001, 40001)))]))
    by_type = {row["type"]: row for row in tables["rtcp_report"]}
    report = by_type["SR"]
    assert (report["sender_packets"], report["sender_bytes"], report["ntp_middle"]) == (500, 80_000, 0x22223333)
    assert (report["last_sr"], report["since_last_sr_ms"]) == (0xAABBCCDD, 1000.0)
    assert [(row["ssrc"], row["cname"]) for row in tables["rtcp_report"] if row["type"] == "SDES"] == [(0x55, "a@b.c"), (0x56, "xy")]
    assert by_type["BYE"]["reason"] == "shutdown"
    voice = by_type["XR"]
    columns = ("about_ssrc", "round_trip_ms", "end_system_delay_ms", "r_factor", "mos_lq", "mos_cq")
    assert [voice[column] for column in columns] == [0x77, 80, 30, 88, 4.2, 4.1]
    assert (voice["loss_rate"], voice["discard_rate"]) == (26 / 256, 13 / 256)


def test_icmp_errors_quote_what_was_refused(tmp_path: Path) -> None:
    refused = ip4(udp(rtp(1, 1), PORTS))
    refused6 = ip6(udp(rtp(1, 1), PORTS))
    frames = [
        ethernet(ip4(b"\x03\x03" + bytes(6) + refused[:28], 1, (B, A))),
        ethernet(ip4(b"\x03\x0d" + bytes(6) + refused, 1, ("198.51.100.1", A))),
        ethernet(ip6(b"\x01\x01" + bytes(6) + refused6, 58, (B6, A6)), 0x86DD),
        ethernet(ip4(b"\x08\0" + bytes(60), 1)),
    ]
    tables = read(tmp_path / "c", pcap([(n, frame) for n, frame in enumerate(frames)]))
    columns = ("frame", "reporter_ip", "type", "code", "meaning", "protocol", "src_ip", "src_port", "dst_ip", "dst_port")
    assert [tuple(row[column] for column in columns) for row in tables["icmp_error"]] == [
        (1, B, 3, 3, "port unreachable", "udp", A, PORTS[0], B, PORTS[1]),
        (2, "198.51.100.1", 3, 13, "communication administratively prohibited", "udp", A, PORTS[0], B, PORTS[1]),
        (3, B6, 1, 1, "administratively prohibited", "udp", A6, PORTS[0], B6, PORTS[1]),
    ]
    assert "media_flow" not in tables, "a quoted packet is no packet of the flow"


def test_a_flood_of_stun_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.capture import kernel_layout, memory

    begin = memory.Memory.__init__

    def bounded(self: memory.Memory, *arguments: Any) -> None:
        begin(self, *arguments)
        self.m[kernel_layout.MAX_ROWS] = 100

    monkeypatch.setattr(memory.Memory, "__init__", bounded)
    tables = read(tmp_path / "c", pcap([(n / 1000, udp_frame(stun(1, b""), PORTS)) for n in range(250)]))
    assert len(tables["stun_check"]) == 100
    assert health(tables) == {"rows_bounded": 150}
    assert call_ids(tables) == []
