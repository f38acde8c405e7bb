"""siplens and tshark on the same made-up capture: loss, reordering, pauses, TCP. Skipped where tshark is not installed."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from .ground_truth import _stream
from .packets import A, B, pcap, read, rtp, sdp, sip, tcp_frame, udp_frame

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
