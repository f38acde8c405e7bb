"""siplens and tshark on the same made-up capture: loss, reordering, pauses, TCP. Skipped where tshark is not installed."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .ground_truth import _stream
from .packets import A6, B6, A, B, pcap, read, rtp, sdp, sip, tcp_frame, udp_frame

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


def tshark(*arguments: str) -> list[str]:
    run = subprocess.run(["tshark", *arguments], capture_output=True, text=True, check=True)
    return run.stdout.splitlines()


@pytest.mark.parametrize("seed", range(4))
def test_streams(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    frames = [(0.0, udp_frame(sip(body=sdp(B, 40000)))), (0.1, udp_frame(sip("c2", body=sdp(A, 30000, "96 opus/48000/2", 96))))]
    for ends, ports, kind, step, ssrc in (((A, B), (30000, 40000), 8, 160, 1), ((B, A), (40000, 30000), 96, 960, 2)):
        number, stamp = chance.choice([65400, 7]), chance.choice([2**32 - 9000, 0])
        for n in range(300):
            if chance.random() < 0.05:
                continue
            time = 1 + n * 0.02 + chance.random() * 0.03
            frames.append((time, udp_frame(rtp(number + n, stamp + n * step, payload_type=kind, ssrc=ssrc), ports, ends)))
            if chance.random() < 0.02:
                frames.append((time + 0.001, frames[-1][1]))
    frames.sort(key=lambda frame: frame[0])
    path = tmp_path / "c.pcap"
    flows = read(path, pcap(frames))["media_flow"]
    theirs = dict(_stream(line) for line in tshark("-r", str(path), "-q", "-z", "rtp,streams") if "%)" in line)
    assert len(theirs) == len(flows) == 2
    for row in flows:
        stream = theirs[(row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"], row["ssrc"])]
        assert (row["packets"], row["lost"]) == stream[:2]
        ours = (row["max_delta_ms"], row["jitter_min_ms"], row["jitter_mean_ms"], row["jitter_max_ms"])
        assert stream.jitter is not None
        assert ours == pytest.approx((stream.max_delta, *stream.jitter), rel=1e-4, abs=1.1e-3)


def test_frames_of_messages_in_streams(tmp_path: Path) -> None:
    stream = b"".join(sip(f"m{n}", body="b" * (n * 91 % 700)) for n in range(20))
    frames = [tcp_frame(b"", 999, 2), *[tcp_frame(stream[at : at + 400], 1000 + at) for at in range(0, len(stream), 400)]]
    path = tmp_path / "c.pcap"
    messages = read(path, pcap([(n / 100, frame) for n, frame in enumerate(frames)]))["message"]
    lines = tshark("-r", str(path), "-Y", "sip", "-T", "fields", "-e", "frame.number", "-e", "sip.Call-ID")
    theirs = [(int(frame), name) for frame, names in (line.split("\t") for line in lines) for name in names.split(",")]
    assert [(row["frame"], row["call_id"]) for row in messages] == theirs


Frames = list[tuple[float, bytes]]


def media(port: int, *, pt: int = 8, step: int = 160, count: int = 60, **options: Any) -> Frames:
    """RTP to a port from the port 10,000 below; options: seq, stamp, start, period, ssrc, and sets of dropped and marked packets."""
    seq, stamp, start, period = (
        options.get(name, default) for name, default in (("seq", 0), ("stamp", 0), ("start", 1.0), ("period", 0.02))
    )
    dropped, marked = options.get("dropped", ()), options.get("marked", ())
    ends = (B6, A6) if options.get("v6") else (A, B)
    return [
        (
            start + n * period + (n * 7919 % 13) / 4000,
            udp_frame(
                rtp(seq + n, stamp + n * step, payload_type=pt, ssrc=options.get("ssrc", port), marker=n in marked),
                (port - 10_000, port),
                ends,
            ),
        )
        for n in range(count)
        if n not in dropped
    ]


def offer(port: int, rtpmap: str = "8 PCMA/8000", pt: int = 8, *, start: float = 0.0, name: str = "", host: str = B) -> Frames:
    return [(start, udp_frame(sip(name or f"c{port}", body=sdp(host, port, rtpmap, pt))))]


VIDEO = sdp(B, 50_000) + "m=video 40008 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
EVENTS = sdp(B, 40_010).replace("RTP/AVP 8", "RTP/AVP 8 101") + "a=rtpmap:101 telephone-event/8000\r\n"
SCENES: dict[str, Frames] = {
    "nothing special": offer(40_000) + media(40_000),
    "numbers wrap, two gaps": offer(40_002) + media(40_002, seq=65_500, stamp=2**32 - 3000, dropped={36, 37, 50}),
    "a later call on the same ports": offer(40_004)
    + media(40_004, ssrc=1)
    + offer(40_004, start=10, name="later")
    + media(40_004, ssrc=2, start=11, seq=900),
    "the same source again, other numbers": offer(40_006) + media(40_006) + media(40_006, start=20, seq=40_000, stamp=999_999),
    "video, 90 kHz, three packets a picture": [(0.0, udp_frame(sip("video", body=VIDEO)))]
    + [
        (1 + n * 0.0333 + part * 0.001, udp_frame(rtp(n * 3 + part, n * 3000, payload_type=96, ssrc=5, marker=part == 2), (30_008, 40_008)))
        for n in range(40)
        for part in range(3)
    ],
    "events in the midst of speech": [(0.0, udp_frame(sip("events", body=EVENTS)))]
    + media(40_010, count=30)
    + [
        (1.6 + n * 0.02, udp_frame(rtp(30 + n, 4800, payload_type=101, ssrc=40_010, payload=b"\1\x0a\0\xa0"), (30_010, 40_010)))
        for n in range(8)
    ]
    + media(40_010, count=30, seq=38, stamp=6080, start=1.76),
    "comfort noise, then a pause": offer(40_012)
    + media(40_012, count=20)
    + media(40_012, pt=13, count=1, seq=20, stamp=3200, start=1.4)
    + media(40_012, count=20, seq=21, stamp=16_000, start=3, marked={0}),
    "SDP comes only later": media(40_014, count=30) + offer(40_014, start=1.7) + media(40_014, count=30, seq=30, stamp=4800, start=1.8),
    "SDP of the sender only": [(0.0, udp_frame(sip("sender", body=sdp(A, 30016, "97 opus/48000/2", 97)))), *media(40016, pt=97, step=960)],
    "another codec after a second offer": offer(40_018)
    + media(40_018, count=20)
    + offer(40_018, "98 opus/48000/2", 98, start=1.41, name="second")
    + media(40_018, pt=98, step=960, count=30, seq=20, stamp=3200, start=1.42),
    "all packets marked": offer(40_020) + media(40_020, marked=set(range(60))),
    "time goes back": offer(40_022) + media(40_022, count=30, stamp=1_000_000) + media(40_022, count=30, seq=30, start=2),
    "pairs out of order": offer(40_024) + [(1 + n * 0.02, media(40_024)[n ^ 1][1]) for n in range(60)],
    "every fifth packet twice": offer(40_026) + media(40_026) + [(time + 0.004, frame) for time, frame in media(40_026)[::5]],
    "an unassigned payload type": offer(40_028) + media(40_028, pt=77),
    "IPv6": [(0.0, udp_frame(sip("six", body=sdp(A6, 40030)), ends=(A6, B6))), *media(40030, v6=True)],
    "contributing sources and an extension": offer(40_032)
    + [
        (
            1 + n * 0.02,
            udp_frame(b"\x92\x08" + struct.pack("!HII", n, n * 160, 32) + bytes(8) + b"\xbe\xde\0\1" + bytes(164), (30_032, 40_032)),
        )
        for n in range(40)
    ],
    "on hold, and back": offer(40_034)
    + media(40_034, count=20)
    + offer(40_034, start=1.5, name="hold", host="0.0.0.0")
    + media(40_034, count=20, seq=20, stamp=3200, start=3),
}


def test_many_scenes_at_once(tmp_path: Path) -> None:
    """All in one capture, each on ports of its own: packets, loss, delta and jitter of every stream are tshark's."""
    path = tmp_path / "c.pcap"
    frames = sorted((frame for scene in SCENES.values() for frame in scene), key=lambda frame: frame[0])
    rows = {
        (row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"], row["ssrc"]): row
        for row in read(path, pcap(frames))["media_flow"]
        if row["bound_by"] == "sdp"
    }
    theirs = dict(_stream(line) for line in tshark("-n", "-r", str(path), "-q", "-z", "rtp,streams") if "%)" in line)
    assert rows.keys() == theirs.keys()
    assert len(rows) == len(SCENES) + 1
    for key, stream in theirs.items():
        row = rows[key]
        assert (row["packets"], row["lost"]) == stream[:2], key
        ours = (row["max_delta_ms"], row["jitter_mean_ms"] or 0.0, row["jitter_max_ms"] or 0.0)
        assert ours == pytest.approx((stream.max_delta, *(stream.jitter or (0.0, 0.0, 0.0))[1:]), rel=1e-3, abs=1.1e-3), key
