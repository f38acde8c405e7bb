"""A client behind a constrained WAN link is mediated, and rightly so; a colleague in Berlin bypasses.

The messages are in ../ordinary_calls.py. Hamburg's link has a bandwidth policy, so Hamburg has a bypass ID of its own,
which Hannes's client offers and which is not the gateway's.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, HANNES
from ordinary_calls import outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-04 09:00:00")
    outbound_call(capture, 1.0, 1, HANNES, "+14255550146", direct=False, seconds=2.0)
    outbound_call(capture, 10.0, 2, ANNA, "+14255550147", direct=True, seconds=2.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
