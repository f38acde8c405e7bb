"""One bypassed call of the lab, its capture cut in two in the middle of the call."""

from __future__ import annotations

import sys

from siplens.resources import shipped_folder

sys.path.insert(0, str(shipped_folder("sample_traces")))

from lab import ANNA
from ordinary_calls import outbound_call
from trace_writer import Capture
from trace_writer.files import pcap


def halves() -> list[bytes]:
    """Two captures that follow each other: the first ends while the people talk."""
    capture = Capture("2026-03-10 09:00:00")
    outbound_call(capture, 1.0, 1, ANNA, "+14255550162", direct=True, seconds=4.0)
    frames = sorted(capture._frames, key=lambda frame: frame.unix_ns)
    return [pcap(frames[: len(frames) // 2]), pcap(frames[len(frames) // 2 :])]
