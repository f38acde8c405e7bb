"""Nobody gave siplens a configuration: calls are listed, and whether they should have bypassed is unknown.

The messages are in ../ordinary_calls.py and ../forked_calls.py. Machines can be told apart by what they call
themselves.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forked_calls import answered_by, forked_call
from lab import ANNA, BEN, CARLA, DAVID, EMMA
from ordinary_calls import outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2025-12-01 09:00:00")
    outbound_call(capture, 1.0, 1, ANNA, "+14255550163", direct=True, seconds=2.0)
    outbound_call(capture, 8.0, 2, BEN, "+14255550164", direct=False, seconds=1.5)
    forked = forked_call(capture, 15.0, 3, CARLA, "+14255550165", [CARLA, DAVID, EMMA], reliable=False)
    answered_by(capture, forked, 18.0, DAVID, seconds=1.5)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
