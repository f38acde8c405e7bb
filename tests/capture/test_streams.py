"""SIP over TCP: messages come whole and once, however the segments were cut, lost or mixed up."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from siplens.capture import kernel_layout
from siplens.capture.memory import Memory

from .packets import call_ids, health, pcap, read, sdp, sip, tcp_frame, udp_frame

SYN, FIN, RST = 0x02, 0x11, 0x04
MESSAGES = [sip(f"m{n}", body="b" * (n * 37 % 300)) for n in range(12)]
STREAM = b"".join(MESSAGES)
NAMES = [f"m{n}" for n in range(12)]


def segments(stream: bytes, size: int, first: int = 1000) -> list[bytes]:
    return [tcp_frame(stream[at : at + size], first + at) for at in range(0, len(stream), size)]


def at_once(frames: list[bytes]) -> list[tuple[float, bytes]]:
    return [(n / 1000, frame) for n, frame in enumerate(frames)]


@pytest.mark.parametrize("size", [1, 7, 100, 536, 1460, 60_000])
@pytest.mark.parametrize("syn", [True, False])
def test_any_cut(size: int, syn: bool, tmp_path: Path) -> None:
    frames = segments(STREAM, size)
    if syn:
        frames.insert(0, tcp_frame(b"", 999, SYN))
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert call_ids(tables) == NAMES
    assert {row["transport"] for row in tables["message"]} == {"tcp"}
    assert all(not row["problems"] for row in tables["message"])
    assert health(tables) == {}


def test_the_frame_is_that_of_the_last_byte(tmp_path: Path) -> None:
    text = sip("long", body="x" * 2500)
    tables = read(tmp_path / "c", pcap(at_once(segments(text, 1000))))
    assert [row["frame"] for row in tables["message"]] == [3]


def test_a_message_that_waited_for_a_late_segment_has_its_frame_and_time(tmp_path: Path) -> None:
    """Before that nobody could have read it; Wireshark says the same. The order is that of the stream."""
    frames = segments(STREAM, 300)
    frames[4:7] = [frames[5], frames[6], frames[4]]
    rows = read(tmp_path / "c", pcap(at_once(frames)))["message"]
    assert [row["call_id"] for row in rows] == NAMES
    ends = [sum(map(len, MESSAGES[: n + 1])) for n in range(12)]
    assert [row["frame"] for row in rows] == [7 if 1200 < end <= 2100 else 1 + (end - 1) // 300 for end in ends]
    assert all(row["ts"].microsecond == (row["frame"] - 1) * 1000 for row in rows)


def test_sequence_numbers_wrap(tmp_path: Path) -> None:
    tables = read(tmp_path / "c", pcap(at_once(segments(STREAM, 200, 0xFFFFFF00))))
    assert call_ids(tables) == NAMES


@pytest.mark.parametrize("seed", range(12))
def test_reordered_repeated_and_overlapping_segments(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    frames = [tcp_frame(b"", 999, SYN)]
    for at in range(0, len(STREAM), 150):
        before = chance.randrange(0, 60) if at > 60 else 0
        frames.append(tcp_frame(STREAM[at - before : at + 150], 1000 + at - before))
        if chance.random() < 0.2:
            frames.append(frames[chance.randrange(1, len(frames))])
    for _ in range(5):
        place = chance.randrange(2, len(frames) - 1)
        frames[place], frames[place + 1] = frames[place + 1], frames[place]
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert sorted(call_ids(tables)) == sorted(NAMES)
    assert health(tables) == {}


def test_one_message_a_segment_then_a_late_one(tmp_path: Path) -> None:
    """The pass takes whole messages itself; a reordered segment goes to Python; afterwards the pass goes on."""
    starts = [1000 + sum(len(text) for text in MESSAGES[:n]) for n in range(12)]
    frames = [tcp_frame(text, start) for text, start in zip(MESSAGES, starts, strict=True)]
    frames[4], frames[5] = frames[5], frames[4]
    frames.insert(8, frames[7])
    assert sorted(call_ids(read(tmp_path / "c", pcap(at_once(frames))))) == sorted(NAMES)


@pytest.mark.parametrize("size", [300, 60_000])
def test_the_first_segment_comes_second(size: int, tmp_path: Path) -> None:
    """Where the SYN was seen, it is known that something is missing before it; whole messages in each segment, or parts."""
    cut = segments(STREAM, size) if size < 1000 else [tcp_frame(STREAM[:900], 1000), tcp_frame(STREAM[900:], 1900)]
    cut[:2] = cut[1::-1]
    tables = read(tmp_path / "c", pcap(at_once([tcp_frame(b"", 999, SYN), *cut])))
    assert call_ids(tables) == NAMES
    assert health(tables) == {}


def test_whole_messages_in_segments_the_first_of_which_comes_second(tmp_path: Path) -> None:
    first = 1000 + len(MESSAGES[0])
    frames = [tcp_frame(b"", 999, SYN), tcp_frame(MESSAGES[1], first), tcp_frame(MESSAGES[0], 1000)]
    frames.append(tcp_frame(MESSAGES[2], first + len(MESSAGES[1])))
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert [(row["call_id"], row["frame"]) for row in tables["message"]] == [("m0", 3), ("m1", 3), ("m2", 4)]


def test_sip_behind_another_protocol_in_one_connection(tmp_path: Path) -> None:
    """A whole start line is always believed, wherever it comes; nothing before it is waited for."""
    other = b"USER anna\r\n" * 20
    at = 1000 + len(other)
    frames = [tcp_frame(b"", 999, SYN), tcp_frame(other, 1000), *segments(MESSAGES[0] + MESSAGES[1], 120, at)]
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert call_ids(tables) == NAMES[:2]
    assert health(tables) == {}


def test_a_length_on_a_line_of_its_own(tmp_path: Path) -> None:
    """A header field may go on in a line that begins with a blank (RFC 3261 7.3.1)."""
    folded = [sip(f"f{n}", body="abc").replace(b"Content-Length: 3", b"Content-Length:\r\n 3") for n in range(4)]
    assert call_ids(read(tmp_path / "c", pcap(at_once(segments(b"".join(folded), 250))))) == ["f0", "f1", "f2", "f3"]


def test_keep_alives_between_messages(tmp_path: Path) -> None:
    stream = b"\r\n\r\n" + MESSAGES[0] + b"\r\n" + MESSAGES[1] + b"\r\n\r\n"
    assert call_ids(read(tmp_path / "c", pcap(at_once(segments(stream, 90))))) == NAMES[:2]


def test_a_gap_is_counted_and_sip_found_again(tmp_path: Path) -> None:
    frames = segments(STREAM, 200)
    del frames[3]
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert health(tables) == {"tcp_gaps": 1}
    missing = set(NAMES) - set(call_ids(tables))
    assert 1 <= len(missing) <= 2
    assert call_ids(tables)[-1] == "m11"


def test_a_stream_open_before_the_capture(tmp_path: Path) -> None:
    middle = MESSAGES[0][60:]
    tables = read(tmp_path / "c", pcap(at_once(segments(middle + b"".join(MESSAGES[1:]), 300))))
    assert call_ids(tables) == NAMES[1:]


def test_ports_used_again(tmp_path: Path) -> None:
    frames = []
    for connection in range(3):
        first = 1 + connection * 123_456_789
        frames += [tcp_frame(b"", first - 1, SYN), *segments(MESSAGES[connection], 90, first)]
        if connection == 1:
            frames.append(tcp_frame(b"", first + len(MESSAGES[connection]), FIN))
    assert call_ids(read(tmp_path / "c", pcap(at_once(frames)))) == NAMES[:3]


def test_without_content_length_the_segment_ends_the_body(tmp_path: Path) -> None:
    text = b"MESSAGE sip:b@example.com SIP/2.0\r\nCall-ID: none\r\nCSeq: 1 MESSAGE\r\n\r\nhello"
    (row,) = read(tmp_path / "c", pcap(at_once([tcp_frame(text, 1)])))["message"]
    assert (row["call_id"], row["body"]) == ("none", "hello")


def test_a_message_whose_end_never_comes(tmp_path: Path) -> None:
    text = sip("cut", body="x" * 500)
    (row,) = read(tmp_path / "c", pcap(at_once([tcp_frame(text[:-100], 1)])))["message"]
    assert (row["call_id"], row["body_bytes"]) == ("cut", 400)
    assert row["problems"]


MSRP = b"MSRP a7 SEND\r\nTo-Path: msrp://b:7777/k;tcp\r\nContent-Type: message/sipfrag\r\n\r\n" + MESSAGES[1] + b"\r\n-------a7$\r\n"
OTHER = {
    "MSRP": [MSRP] * 5,
    "SIP in HTTP": [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + MESSAGES[1]] * 3,
    "HTTP on 5060": [b"GET /%d HTTP/1.1\r\nHost: a\r\nVia: SIP/2.0\r\n\r\n" % n for n in range(50)],
    "TLS": [b"\x16\x03\x01\x02\0" + bytes(500), *[b"\x17\x03\x03\x05\0" + bytes(1280)] * 50],
    "one byte at a time": [bytes([65 + n % 26]) for n in range(400)],
    "endless start line": [b"INVITE sip:" + b"x" * 1400] + [b"y" * 1400] * 200,
}


@pytest.mark.parametrize("payloads", OTHER.values(), ids=OTHER.keys())
def test_other_streams_are_let_go(payloads: list[bytes], tmp_path: Path) -> None:
    frames, at = [tcp_frame(b"", 999, SYN, (5061, 40000))], 1000
    for payload in payloads:
        frames.append(tcp_frame(payload, at, ports=(5061, 40000)))
        at += len(payload)
    tables = read(tmp_path / "c", pcap(at_once(frames)))
    assert "message" not in tables


@pytest.mark.parametrize("payload", [payloads[0] for name, payloads in OTHER.items() if name in ("MSRP", "SIP in HTTP")])
def test_sip_that_another_protocol_carries_stays_its_content(payload: bytes, tmp_path: Path) -> None:
    """In a stream that was open before the capture too: nothing of it was sent as SIP, and Wireshark shows none."""
    frames = [tcp_frame(payload, 1 + n * len(payload), ports=(50_000, 7777)) for n in range(3)]
    assert "message" not in read(tmp_path / "c", pcap(at_once(frames)))


def test_tls_on_sip_ports_is_told(tmp_path: Path) -> None:
    frames = [tcp_frame(b"\x16\x03\x01\x02\0" + bytes(500), 1, ports=(40000, 5061))]
    assert health(read(tmp_path / "c", pcap(at_once(frames)))) == {"tls_signalling": 1}


def test_sip_and_media_keep_their_order_across_transports(tmp_path: Path) -> None:
    """An announcement in a TCP stream counts for media right behind it, though Python reads the stream."""
    from .packets import B, rtp

    invite = sip("tcp", body=sdp(B, 40000, "111 opus/48000/2", 111))
    media = [udp_frame(rtp(n, n * 960, payload_type=111), (30000, 40000)) for n in range(3)]
    frames = [tcp_frame(invite[:100], 1), tcp_frame(invite[100:], 101), *media]
    (flow,) = read(tmp_path / "c", pcap(at_once(frames)))["media_flow"]
    assert (flow["bound_by"], flow["clock_hz"], flow["packets"]) == ("sdp", 48000, 3)


def test_many_directions_stay_within_the_table(tmp_path: Path) -> None:
    frames = [tcp_frame(b"\x16\x03\x01" + bytes(40), 1, ports=(1024 + n % 60_000, 443 + n // 60_000)) for n in range(70_000)]
    frames.append(tcp_frame(MESSAGES[0], 1))
    assert call_ids(read(tmp_path / "c", pcap(at_once(frames)))) == ["m0"]
    assert Memory().m.size < kernel_layout.FIXED_SIZE + 500_000
