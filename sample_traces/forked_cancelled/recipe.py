"""Inbound calls that are forked, and the gateway's side cancels right after the fifth, or the third, early dialog.

The messages are in ../forked_calls.py. Two early dialogs are no trouble (call 3), and the caller of call 4 simply hangs
up after twelve seconds of ringing.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forked_calls import FORK_S, answered_by, cancelled, forked_call
from lab import ANNA, BEN, CARLA, DAVID, EMMA
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-07 09:00:00")
    five = forked_call(capture, 1.0, 1, CARLA, "+14255550153", [CARLA, ANNA, BEN, DAVID, EMMA], reliable=False)
    cancelled(five, 1.0 + FORK_S[4] + 0.110)
    three = forked_call(capture, 5.0, 2, CARLA, "+14255550154", [CARLA, ANNA, BEN], reliable=False)
    cancelled(three, 5.0 + FORK_S[2] + 0.105)
    two = forked_call(capture, 9.0, 3, DAVID, "+14255550155", [DAVID, EMMA], reliable=False)
    answered_by(capture, two, 12.0, EMMA, seconds=2.0)
    impatient = forked_call(capture, 20.0, 4, DAVID, "+14255550156", [DAVID, EMMA], reliable=False)
    cancelled(impatient, 32.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
