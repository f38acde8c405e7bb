"""What goes along with media: T.38 and video named, SRTP recognised by four signs, DTLS and ZRTP, media inside TURN, bursts of loss."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from .packets import A, B, Tables, call_ids, health, pcap, read, rtp, sdp, sip, udp_frame

PORTS = (30000, 40000)
OFFER = (0.0, udp_frame(sip(body=sdp(B, PORTS[1]))))
DTLS = b"\x16\xfe\xfd" + bytes(8) + b"\0\x20" + bytes(32)
ZRTP = b"\x10\0\0\x01ZRTP" + struct.pack("!I", 7) + b"\x50\x5a\0\x03Hello   " + bytes(20)
TAG = bytes(10)


def stream(count: int = 20, *, payload: bytes = bytes(160), payload_type: int = 8, step: int = 160) -> list[tuple[float, bytes]]:
    return [(1 + n * 0.02, udp_frame(rtp(n, n * step, payload_type=payload_type, payload=payload), PORTS)) for n in range(count)]


def flow(tables: Tables) -> dict[str, object]:
    (row,) = tables["media_flow"]
    return row


SIGNS = {
    "none": ([OFFER, *stream()], None),
    "profile": ([(0, udp_frame(sip(body=sdp(B, PORTS[1]).replace("RTP/AVP", "RTP/SAVP")))), *stream()], "profile"),
    "tag": ([OFFER, *stream(payload=bytes(160) + TAG)], "tag"),
    "tag of 4 bytes": ([OFFER, *stream(payload=bytes(160) + TAG[:4])], "tag"),
    "tag, without signalling": (stream(payload=bytes(160) + TAG), "tag"),
    "dtls from the other side": ([OFFER, (0.5, udp_frame(DTLS, PORTS[::-1], (B, A))), *stream()], "dtls"),
    "zrtp": ([OFFER, (0.5, udp_frame(ZRTP, PORTS)), *stream()], "zrtp"),
    "another length of packets": ([OFFER, *stream(payload=bytes(80), step=80)], None),
    "dtls between others": ([OFFER, (0.5, udp_frame(DTLS, (1, 2))), *stream()], None),
}


@pytest.mark.parametrize(("frames", "sign"), SIGNS.values(), ids=SIGNS.keys())
def test_srtp_is_recognised(frames: list[tuple[float, bytes]], sign: str | None, tmp_path: Path) -> None:
    row = flow(read(tmp_path / "c", pcap(frames)))
    assert (row["srtp"], row["packets"], row["media"], row["in_turn"]) == (sign, 20, "audio", False)


def test_handshakes_are_flows_of_their_own(tmp_path: Path) -> None:
    frames = [(0.0, udp_frame(DTLS, PORTS)), (0.1, udp_frame(ZRTP, (7, 8))), (0.2, udp_frame(DTLS + DTLS, PORTS))]
    data = [(1.0, udp_frame(b"\x17" + DTLS[1:], PORTS))]
    tables = read(tmp_path / "c", pcap(frames + data))
    columns = ("kind", "first_frame", "last_frame", "src_port", "dst_port", "packets", "bytes", "lost")
    assert [tuple(row[column] for column in columns) for row in tables["side_flow"]] == [
        ("dtls", 1, 3, *PORTS, 2, 3 * len(DTLS), None),
        ("zrtp", 2, 2, 7, 8, 1, len(ZRTP), None),
    ]
    assert "media_flow" not in tables


def test_t38_is_named_once_sdp_announced_it(tmp_path: Path) -> None:
    """A call that goes over to fax on the ports of its voice: UDPTL numbers count what is missing, also over their end."""
    fax = sdp(B, 0).replace("c=IN", "c=IN") + f"m=image {PORTS[1]} udptl t38\r\na=T38FaxVersion:0\r\n"
    again = (2.0, udp_frame(sip("c1", cseq=2, body=fax)))
    numbers = [n for n in range(65_530, 65_530 + 40) if n not in (65_540, 65_541)]
    packets = [
        (3 + n * 0.03, udp_frame(struct.pack("!H", number & 0xFFFF) + b"\x01\x00\x00\x00", PORTS)) for n, number in enumerate(numbers)
    ]
    early = (0.5, udp_frame(b"\0\1\1\0\0\0", PORTS))
    tables = read(tmp_path / "c", pcap([early, OFFER, *stream(), again, *packets]))
    (row,) = tables["side_flow"]
    assert (row["kind"], row["packets"], row["lost"], row["dst_ip"], row["dst_port"]) == ("t38", 38, 2, B, PORTS[1])
    assert flow(tables)["packets"] == 20
    assert call_ids(tables) == ["c1", "c1"]


def test_video_is_named(tmp_path: Path) -> None:
    body = sdp(B, 50000) + f"m=video {PORTS[1]} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    by_sdp = flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=body))), *stream(payload_type=96, step=3000)])))
    assert (by_sdp["media"], by_sdp["clock_hz"]) == ("video", 90_000)
    static = [(1 + n * 0.04, udp_frame(rtp(n, n * 3600, payload_type=34), PORTS)) for n in range(20)]
    assert flow(read(tmp_path / "c", pcap(static)))["media"] == "video"
    dynamic = [(1 + n * 0.04, udp_frame(rtp(n, n * 3600, payload_type=99), PORTS)) for n in range(20)]
    assert flow(read(tmp_path / "c", pcap(dynamic)))["media"] is None


def test_a_bundle_has_the_clocks_of_all_its_media(tmp_path: Path) -> None:
    """Audio and video on one port (RFC 8843): each payload type has its own clock, and no kind of media is guessed from the port."""
    offer = sdp(B, PORTS[1], "111 opus/48000/2", 111)
    video = f"m=video {PORTS[1]} RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n"
    steps = {111: 960, 96: 3600}
    media = [
        (1 + n * 0.02, udp_frame(rtp(n, n * step, payload_type=number, ssrc=number), PORTS))
        for n in range(20)
        for number, step in steps.items()
    ]
    rows = read(tmp_path / "c", pcap([(0, udp_frame(sip(body=offer + video))), *media]))["media_flow"]
    told = [(row["ssrc"], row["packets"], row["clock_hz"], row["bound_by"], row["media"]) for row in rows]
    assert told == [(111, 20, 48_000, "sdp", None), (96, 20, 90_000, "sdp", None)]
    apart = video.replace(str(PORTS[1]), "40002")
    rows = read(tmp_path / "c", pcap([(0, udp_frame(sip(body=offer + apart))), *media]))["media_flow"]
    assert [(row["clock_hz"], row["media"]) for row in rows] == [(48_000, "audio"), (None, "audio")]


def test_media_inside_turn_channels(tmp_path: Path) -> None:
    """ChannelData (RFC 8656 12.4): four bytes before the data. What the relay carries is media between client and relay."""
    frames = []
    for n in range(20):
        packet = rtp(n, n * 160)
        frames.append((1 + n * 0.02, udp_frame(struct.pack("!HH", 0x4001, len(packet)) + packet, (50_000, 3478))))
    row = flow(read(tmp_path / "c", pcap(frames)))
    assert (row["in_turn"], row["packets"], row["bytes"], row["dst_port"], row["bound_by"]) == (True, 20, 20 * 172, 3478, "regularity")


def test_sip_is_not_taken_for_channels(tmp_path: Path) -> None:
    """Their first bytes are letters: a channel's length must be that of its datagram."""
    for method in ("ACK", "BYE", "CANCEL", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "INFO"):
        assert len(read(tmp_path / "c", pcap([(0, udp_frame(sip(method=method)))]))["message"]) == 1


def test_bursts_of_loss(tmp_path: Path) -> None:
    missing = {30, 31, 32, 33, 60, 80, 81}
    media = [frame for n, frame in enumerate(stream(100)) if n not in missing]
    row = flow(read(tmp_path / "c", pcap([OFFER, *media])))
    assert (row["lost"], row["gaps"], row["longest_gap"]) == (7, 3, 4)


def test_sdp_in_mgcp_announces_too(tmp_path: Path) -> None:
    """A gateway's answer to a call agent (RFC 3435): media goes where its SDP says."""
    answer = b"200 1203 OK\r\nI: FDE234C8\r\n\r\n" + sdp(B, PORTS[1], "96 opus/48000/2", 96).encode()
    tables = read(tmp_path / "c", pcap([(0, udp_frame(answer, (2427, 2727))), *stream(payload_type=96, step=960)]))
    assert (flow(tables)["bound_by"], flow(tables)["clock_hz"]) == ("sdp", 48_000)
    assert "message" not in tables


def test_a_later_call_on_the_same_ports_is_another_flow(tmp_path: Path) -> None:
    again = [(time + 60, udp_frame(rtp(n + 500, n * 160, ssrc=0x9999), PORTS)) for n, (time, _) in enumerate(stream())]
    second = (59.0, udp_frame(sip("second", body=sdp(B, PORTS[1], "8 PCMA/8000"))))
    rows = read(tmp_path / "c", pcap([OFFER, *stream(), second, *again]))["media_flow"]
    assert [(row["ssrc"], row["packets"], row["lost"], row["bound_by"]) for row in rows] == [(0x1234, 20, 0, "sdp"), (0x9999, 20, 0, "sdp")]


def test_encrypted_events_are_counted_by_their_time(tmp_path: Path) -> None:
    """SRTP hides the digit: three presses, each sent five times, are told apart by RTP time."""
    chance = iter(range(1000))
    body = sdp(B, PORTS[1]).replace("RTP/AVP", "RTP/SAVP") + "a=rtpmap:101 telephone-event/8000\r\n"
    keys = [
        rtp(press * 5 + n, 1600 + press * 800, payload_type=101, payload=bytes([next(chance) % 256] * 4) + TAG)
        for press in range(3)
        for n in range(5)
    ]
    media = [(1 + n * 0.02, udp_frame(payload, PORTS)) for n, payload in enumerate(keys)]
    assert flow(read(tmp_path / "c", pcap([(0, udp_frame(sip(body=body))), *media])))["dtmf_events"] == 3


def test_no_harm_in_fragments_of_all_this(tmp_path: Path) -> None:
    whole = [DTLS, ZRTP, struct.pack("!HH", 0x4001, 172) + rtp(1, 1), b"200 1 OK\r\n\r\n" + sdp(B, 1).encode()]
    cuts = [(0.0, udp_frame(one[:length], (2427, PORTS[1]))) for one in whole for length in range(len(one))]
    assert health(read(tmp_path / "c", pcap(cuts))) == {}
