"""Inbound calls that are forked to five endpoints, and the gateway takes it; then one that is not forked.

The messages are in ../forked_calls.py: five 183, each with its own To tag and SDP. In call 1 they are reliable (100rel,
PRACK), in call 2 they are not.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forked_calls import answered_by, forked_call
from lab import ANNA, BEN, CARLA, DAVID, EMMA
from ordinary_calls import inbound_call
from trace_writer import Capture

EVERYBODY = [CARLA, ANNA, BEN, DAVID, EMMA]
"""Carla, whom the caller dials, and her four delegates."""


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-06 09:00:00")
    reliable = forked_call(capture, 1.0, 1, CARLA, "+14255550150", EVERYBODY, reliable=True)
    answered_by(capture, reliable, 4.0, BEN, seconds=2.0)
    plain = forked_call(capture, 9.0, 2, CARLA, "+14255550151", EVERYBODY, reliable=False)
    answered_by(capture, plain, 12.0, EMMA, seconds=2.0)
    inbound_call(capture, 17.0, 3, DAVID, "+14255550152", direct=True, seconds=1.5)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
