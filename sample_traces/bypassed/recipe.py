"""Two calls with media bypass, as policy says: one to the public network, one from it.

The messages are in ../ordinary_calls.py. Both people are in Berlin, well connected to the gateway: one bypass ID.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, BEN
from ordinary_calls import inbound_call, outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-02 09:00:00")
    outbound_call(capture, 1.0, 1, ANNA, "+14255550142", direct=True, seconds=4.0)
    inbound_call(capture, 12.0, 2, BEN, "+14255550143", direct=True, seconds=3.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
