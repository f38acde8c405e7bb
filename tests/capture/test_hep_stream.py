"""HEP version 3 over TCP: what capture agents copied comes out as over UDP, however the stream was cut, and is found again after a gap."""

from __future__ import annotations

import gzip
import random
import re
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path

import pytest

from siplens.capture import hep, new_seam, read_capture
from siplens.capture.redact_packet import PacketRedactor
from siplens.capture.selection import Packet, find_frames, read_packets
from siplens.capture.wanted import Direction, Wanted
from siplens.cli.app import main
from siplens.sip.pseudonyms import Pseudonyms
from siplens.sip.redact_words import Words

from .packets import Tables, call_ids, health, pcap, read, read_file, rtp, sdp, sip, tcp_frame, udp_frame

SYN, FIN = 0x02, 0x11
PORTS = (40000, 9060)
CALLER, CALLEE = "192.0.2.10", "192.0.2.11"
HOP = (CALLER, 5060, CALLEE, 5061)


def copy(payload: bytes, *, protocol: int = 17, ends: tuple[str, str] = (CALLER, CALLEE), ports: tuple[int, int] = (5060, 5061),
         packed: bytes | None = None, first: int = 1) -> bytes:  # fmt: skip
    """A HEP packet as heplify writes it; packed: a compressed payload instead. first: type of its first chunk."""
    six = ":" in ends[0]
    chunks = [
        (first, b"\x0a" if six else b"\x02"),
        (2, bytes([protocol])),
        (5 if six else 3, ip_address(ends[0]).packed),
        (6 if six else 4, ip_address(ends[1]).packed),
        (7, struct.pack("!H", ports[0])),
        (8, struct.pack("!H", ports[1])),
        (9, struct.pack("!I", 1_767_600_000)),
        (10, bytes(4)),
        (11, b"\x01"),
        (12, struct.pack("!I", 2001)),
        (14, b"a password"),
        (16, packed) if packed is not None else (15, payload),
    ]
    body = b"".join(struct.pack("!HHH", 0, kind, 6 + len(value)) + value for kind, value in chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


NAMES = [f"h{n}" for n in range(12)]
COPIES = [copy(sip(name, body="b" * (n * 137 % 1400))) for n, name in enumerate(NAMES)]
STREAM = b"".join(COPIES)


def frames(stream: bytes, size: int, first: int = 1000, ports: tuple[int, int] = PORTS) -> list[bytes]:
    return [tcp_frame(stream[at : at + size], first + at, ports=ports) for at in range(0, len(stream), size)]


def capture(segments: Iterable[bytes], *, syn: bool = False) -> bytes:
    begun = [tcp_frame(b"", 999, SYN, PORTS)] if syn else []
    return pcap([(n / 1000, frame) for n, frame in enumerate([*begun, *segments])])


def hops(tables: Tables) -> set[tuple[object, ...]]:
    return {tuple(row[column] for column in ("src_ip", "src_port", "dst_ip", "dst_port", "transport")) for row in tables["message"]}


@pytest.mark.parametrize("size", [1, 5, 11, 100, 1460, 60_000])
@pytest.mark.parametrize("syn", [True, False])
def test_any_cut(size: int, syn: bool, tmp_path: Path) -> None:
    tables = read(tmp_path / "c", capture(frames(STREAM, size), syn=syn))
    assert call_ids(tables) == NAMES
    assert hops(tables) == {(*HOP, "udp")}
    assert all(not row["problems"] for row in tables["message"])
    assert health(tables) == {}


@pytest.mark.parametrize("ports", [(40000, 9061), (40000, 12345), (5060, 5060)])
def test_any_port(ports: tuple[int, int], tmp_path: Path) -> None:
    assert call_ids(read(tmp_path / "c", capture(frames(STREAM, 700, ports=ports)))) == NAMES


def test_over_tcp_it_is_what_it_is_over_udp(tmp_path: Path) -> None:
    """All tables but the frames of the stream's own cut: a packet a segment is a packet a datagram."""
    offer = copy(sip("media", body=sdp(CALLEE, 30_000)))
    media = [copy(rtp(n, n * 160), ports=(20_000, 30_000)) for n in range(20)]
    check = copy(b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12), ports=(20_000, 30_000))
    report = copy(struct.pack("!BBHI", 0x80, 201, 1, 7), ports=(20_001, 30_001))
    packets = [COPIES[0], offer, *media, check, report, COPIES[1]]
    at = [1000 + sum(map(len, packets[:n])) for n in range(len(packets))]
    over_tcp = read(tmp_path / "t", pcap([(n / 50, tcp_frame(text, at[n], ports=PORTS)) for n, text in enumerate(packets)]))
    over_udp = read(tmp_path / "u", pcap([(n / 50, udp_frame(text, PORTS)) for n, text in enumerate(packets)]))
    for tables in (over_tcp, over_udp):
        for row in tables["message"]:
            del row["byte_offset"]
        assert tables["media_flow"][0]["packets"] == 20
        assert tables["media_flow"][0]["bound_by"] == "sdp"
        assert len(tables["stun_check"]) == len(tables["rtcp_report"]) == 1
    assert over_tcp.keys() == over_udp.keys()
    assert all(over_tcp[name] == over_udp[name] for name in over_tcp)


TRANSPORTS = {6: "tcp", 17: "udp", 22: "tls", 50: "ws", 132: "sctp"}


@pytest.mark.parametrize("protocol", TRANSPORTS)
def test_what_carried_the_copied_message(protocol: int, tmp_path: Path) -> None:
    ends = ("2001:db8::a", "2001:db8::b")
    text = copy(sip("m"), protocol=protocol, ends=ends)
    for frame in (tcp_frame(text, 1, ports=PORTS), udp_frame(text, PORTS)):
        assert hops(read(tmp_path / "c", pcap([(0, frame)]))) == {(ends[0], 5060, ends[1], 5061, TRANSPORTS[protocol])}


@pytest.mark.parametrize("seed", range(8))
def test_reordered_repeated_and_overlapping_segments(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    segments = [tcp_frame(b"", 999, SYN, PORTS)]
    for at in range(0, len(STREAM), 350):
        before = chance.randrange(0, 90) if at > 90 else 0
        segments.append(tcp_frame(STREAM[at - before : at + 350], 1000 + at - before, ports=PORTS))
        if chance.random() < 0.2:
            segments.append(segments[chance.randrange(1, len(segments))])
    for _ in range(5):
        place = chance.randrange(2, len(segments) - 1)
        segments[place], segments[place + 1] = segments[place + 1], segments[place]
    tables = read(tmp_path / "c", capture(segments))
    assert sorted(call_ids(tables)) == sorted(NAMES)
    assert health(tables) == {}


@pytest.mark.parametrize("missing", range(12))
def test_a_gap_is_counted_and_hep_found_again(missing: int, tmp_path: Path) -> None:
    segments = frames(STREAM, 800)
    del segments[missing]
    tables = read(tmp_path / "c", capture(segments))
    touched = {
        name
        for n, name in enumerate(NAMES)
        if (start := sum(map(len, COPIES[:n]))) < 800 * (missing + 1) and start + len(COPIES[n]) > 800 * missing
    }
    assert call_ids(tables) == [name for name in NAMES if name not in touched]
    assert hops(tables) == {(*HOP, "udp")}
    assert health(tables) == ({"tcp_gaps": 1} if missing else {}), "what comes before the first segment may be before the capture"


@pytest.mark.parametrize("begin", range(1, len(COPIES[0]), 7))
def test_a_stream_open_before_the_capture(begin: int, tmp_path: Path) -> None:
    """Its first segment begins anywhere in a packet; the SIP of that packet, whose hop is not known, is not taken for the stream's own."""
    tables = read(tmp_path / "c", capture(frames(STREAM[begin:], 900)))
    if re.match(rb"[A-Z]+ sip:", STREAM[begin:]):
        # Nothing shows that this is not SIP's own stream.
        assert tables["message"].pop(0)["src_port"] == PORTS[0]
    assert call_ids(tables) == NAMES[1:]
    assert hops(tables) == {(*HOP, "udp")}


def test_the_frame_is_that_of_the_last_byte(tmp_path: Path) -> None:
    long = copy(sip("long", body="x" * 2500))
    tables = read(tmp_path / "c", capture(frames(COPIES[3] + long, 1000)))
    assert [row["frame"] for row in tables["message"]] == [1 + (end - 1) // 1000 for end in (len(COPIES[3]), len(COPIES[3] + long))]


@pytest.mark.parametrize("pack", [zlib.compress, gzip.compress])
@pytest.mark.parametrize("over_tcp", [True, False])
def test_compressed_payloads_are_unpacked(pack: object, over_tcp: bool, tmp_path: Path) -> None:
    assert callable(pack)
    text = copy(b"", packed=pack(sip("packed", body="b" * 2000)))
    frame = tcp_frame(text, 1, ports=PORTS) if over_tcp else udp_frame(text, PORTS)
    tables = read(tmp_path / "c", pcap([(0, frame)]))
    assert [(row["call_id"], row["body_bytes"], row["src_ip"]) for row in tables["message"]] == [("packed", 2000, CALLER)]
    assert health(tables) == {}


def test_what_zlib_does_not_know_is_counted(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(10_000_000))
    packets = [copy(b"", packed=b"no known form"), copy(b"", packed=bomb), COPIES[0]]
    tables = read(tmp_path / "c", capture(frames(b"".join(packets), 900)))
    assert call_ids(tables) == NAMES[:1]
    assert health(tables) == {"hep_unread": 2}


def test_a_packet_whose_end_never_comes_is_counted(tmp_path: Path) -> None:
    tables = read(tmp_path / "c", capture(frames(STREAM[:-50], 900)))
    assert call_ids(tables) == NAMES[:-1]
    assert health(tables) == {"tcp_gaps": 1}


def test_a_stream_goes_on_in_the_next_file(tmp_path: Path) -> None:
    """A ring's files: the writer cut amid a packet."""
    segments, seam, found = frames(STREAM, 300), None, []
    for number, part in enumerate((segments[:10], segments[10:])):
        path = tmp_path / str(number)
        path.write_bytes(pcap([(number + n / 1000, frame) for n, frame in enumerate(part)]))
        seam = new_seam(seam.end.state if seam and seam.end else None)
        for batch in read_capture(path, seam=seam):
            if batch.table == "message":
                found += batch.rows.column("call_id").to_pylist()
    assert found == NAMES


@pytest.mark.parametrize("seed", range(6))
def test_damage_does_no_harm(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    stream = bytearray(STREAM)
    for _ in range(40):
        stream[chance.randrange(len(stream))] ^= 1 << chance.randrange(8)
    tables = read(tmp_path / "c", capture(frames(bytes(stream), 500)))
    assert len(tables.get("message", [])) <= len(NAMES)


def test_a_word_of_hep_in_sip_is_text(tmp_path: Path) -> None:
    stream = sip("one", body="HEP3 is a protocol") + sip("two", body="HEP3")
    tables = read(tmp_path / "c", pcap([(0, tcp_frame(stream, 1))]))
    assert call_ids(tables) == ["one", "two"]
    assert {row["transport"] for row in tables["message"]} == {"tcp"}


def test_the_pass_and_python_know_the_same_headers() -> None:
    """`hep.begins` is what the kernel asks; both are held to these."""
    good = [b"HEP3", COPIES[0][:5], COPIES[0][:11], COPIES[0], copy(b"x", first=0x1234)]
    bad = [b"HEP", b"HEP2" + COPIES[0][4:], b"HEP3\0\x05", b"HEP3\0\x20\0\0\0\1\0\5", b"HEP3\0\x20\0\0\0\1\0\x1b", b"GET / HTTP"]
    assert all(map(hep.begins, good))
    assert not any(map(hep.begins, bad))


def wanted(tables: Tables, name: str) -> Wanted:
    """What an export of one message asks for."""
    (row,) = (row for row in tables["message"] if row["call_id"] == name)
    return Wanted({row["frame"]}, directions={Direction(row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"])})


@pytest.mark.parametrize("name", NAMES[3:6])
def test_an_export_has_all_segments_of_a_packet(name: str, tmp_path: Path) -> None:
    """And they frame by themselves again."""
    path = tmp_path / "c"
    noise = [tcp_frame(b"GET / HTTP/1.1\r\n\r\n", 7, ports=(1234, 80))] * 3
    tables = read(path, capture([*noise, *frames(STREAM, 200)], syn=True))
    chosen = find_frames(path, wanted(tables, name))
    picked = [(n / 1000, packet.content) for n, packet in enumerate(read_packets(path, chosen))]
    assert len(picked) < 40
    again = read(tmp_path / "export", pcap(picked))
    assert name in call_ids(again)
    assert hops(again) == {(*HOP, "udp")}


def test_redacted_packets_still_frame(tmp_path: Path) -> None:
    segments = frames(STREAM, 333)
    redactor = PacketRedactor(Words(Pseudonyms(b"for tests only")))
    packets = [Packet(n, 0, frame, len(frame), 1, 65535, 0) for n, frame in enumerate(segments)]
    for packet in packets:
        redactor.learn(packet)
    changed = [redactor.change(packet) for packet in packets]
    assert all(each is not None and len(each.content) == len(packet.content) for each, packet in zip(changed, packets, strict=True))
    content = b"".join(each.content[54:] for each in changed if each)
    for secret in (b"a password", ip_address(CALLER).packed, CALLER.encode()):
        assert secret in STREAM or secret == CALLER.encode()
        assert secret not in content
    tables = read(tmp_path / "c", pcap([(n / 1000, each.content) for n, each in enumerate(changed) if each]))
    assert len(tables["message"]) == len(NAMES)
    assert {row["src_ip"] for row in tables["message"]} != {CALLER}


def test_a_call_is_exported_and_redacted_from_the_command_line(tmp_path: Path) -> None:
    def answer(name: str) -> bytes:
        text = re.sub(rb"^INVITE[^\r]*", b"SIP/2.0 200 OK", sip(name))
        return text.replace(b"To: <sip:b@192.0.2.2>", b"To: <sip:b@192.0.2.2>;tag=2")

    stream = b"".join(
        copy(text, protocol=6, ends=ends, ports=ports)
        for name in ("one", "two")
        for text, ends, ports in (
            (sip(name), (CALLER, CALLEE), (5060, 5061)),
            (answer(name), (CALLEE, CALLER), (5061, 5060)),
        )
    )
    path, database, output = tmp_path / "c.pcap", tmp_path / "d.duckdb", tmp_path / "o.pcapng"
    path.write_bytes(capture(frames(stream, 400)))
    assert main(["ingest", str(path), "--db", str(database)]) == 0
    assert main(["export", "1", "-o", str(output), "--db", str(database)]) == 0
    assert set(call_ids(read_file(output))) >= {"one"}
    assert main(["export", "1", "--redact", "-o", str(tmp_path / "r.pcapng"), "--db", str(database)]) == 0
    assert len(read_file(tmp_path / "r.pcapng")["message"]) >= 2


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_what_was_copied_is_what_tshark_reads_of_the_packets_themselves(tmp_path: Path) -> None:
    """tshark 4.0 knows no HEP: it is given the packets that the agent copied, siplens the stream of copies."""
    path, plain = tmp_path / "copies.pcap", tmp_path / "plain.pcap"
    texts = [sip(f"m{n}", body=sdp(CALLEE, 30_000 + n)) for n in range(9)]
    media = [rtp(n, n * 160) for n in range(60)]
    copied = [*[(text, HOP[1], HOP[3]) for text in texts], *[(packet, 20_000, 30_000) for packet in media]]
    times = [n * 0.02 for n in range(len(copied))]
    ends = (CALLER, CALLEE)
    plain.write_bytes(pcap([(at, udp_frame(text, (a, b), ends)) for at, (text, a, b) in zip(times, copied, strict=True)]))
    packets = [copy(text, ports=(a, b)) for text, a, b in copied]
    starts = [1000 + sum(map(len, packets[:n])) for n in range(len(packets))]
    path.write_bytes(pcap([(at, tcp_frame(text, start, ports=PORTS)) for at, text, start in zip(times, packets, starts, strict=True)]))
    tables = read_file(path)
    shown = [word for field in ("frame.number", "sip.Call-ID", "ip.src", "udp.srcport") for word in ("-e", field)]
    rows = [[str(row["frame"]), row["call_id"], row["src_ip"], str(row["src_port"])] for row in tables["message"]]
    assert [line.split("\t") for line in output("tshark", "-r", str(plain), "-Y", "sip", "-T", "fields", *shown)] == rows
    (flow,) = tables["media_flow"]
    streams = [line.split() for line in output("tshark", "-n", "-q", "-z", "rtp,streams", "-r", str(plain)) if CALLER in line]
    assert [(words[2], words[3], words[4], words[5], words[8]) for words in streams] == [
        (flow["src_ip"], str(flow["src_port"]), flow["dst_ip"], str(flow["dst_port"]), str(flow["packets"]))
    ]


def output(*command: str) -> list[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
