"""Damaged captures: no traceback, no hang, rows of the right form, the right exit status. `damage.py`, run as a program, does many more."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from siplens.cli.app import main

from .damage import captures, cuts, flipped, read_damaged
from .packets import pcap, rtp, sdp, sip, tcp_frame, udp_frame

CUTS, FLIPPED = (50, 200) if os.environ.get("SIPLENS_FULL_SWEEP") else (1, 1)
"""How often each real capture is cut, and read with 200 bytes changed. SIPLENS_FULL_SWEEP=1 takes some minutes."""


def test_damaged_real_captures_do_no_harm(shared_data: Path, tmp_path: Path) -> None:
    outcomes = set()
    for source in captures(shared_data / "pcap"):
        chance = random.Random(f"20260105 {source.name}")
        content = source.read_bytes()
        for damaged in (*cuts(content, CUTS, chance), *flipped(content, FLIPPED, 200, chance)):
            outcomes.add(read_damaged(tmp_path / "damaged", damaged))
    assert outcomes <= {"read", "refused"}


def test_a_damaged_call_does_no_harm(tmp_path: Path) -> None:
    """One small capture with everything in it, many times: nearly every byte of it is hit."""
    chance = random.Random(1)
    text = b"".join(sip(f"t{n}", body="x" * 300) for n in range(4))
    frames = [
        (0.0, udp_frame(sip(body=sdp("192.0.2.2", 40000)))),
        *[(0.1, tcp_frame(text[at : at + 200], 1000 + at)) for at in range(0, len(text), 200)],
        *[(1 + n * 0.02, udp_frame(rtp(n, n * 160), (30000, 40000))) for n in range(10)],
    ]
    content = pcap(frames)
    outcomes = {read_damaged(tmp_path / "damaged", damaged) for damaged in (*cuts(content, 60, chance), *flipped(content, 120, 20, chance))}
    assert outcomes == {"read", "refused"}


@pytest.mark.parametrize(
    ("damaged", "status", "words"),
    [
        (lambda whole: whole[:-7], 0, "ends within a packet"),
        (lambda whole: whole[:3000] + b"\xff" * 3000 + whole[6000:], 0, "contradicts itself"),
        (lambda whole: whole[:10], 0, "ends within its own header"),
        (lambda whole: whole[:2], 2, "not a file that siplens can read"),
        (lambda whole: b"\0" * 4 + whole[4:], 2, "not a file that siplens can read"),
        (lambda whole: b"", 2, "empty"),
    ],
)
def test_the_command_line_says_what_is_wrong(
    damaged: object, status: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can be read is read, with a warning and status 0; what is no capture ends with status 2. Never a traceback."""
    assert callable(damaged)
    frames = [(n / 100, udp_frame(sip(f"c{n}", body="x" * 200))) for n in range(20)]
    path = tmp_path / "damaged.pcap"
    path.write_bytes(damaged(pcap(frames)))
    assert main(["ingest", str(path), "--db", str(tmp_path / "d.duckdb")]) == status
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err
