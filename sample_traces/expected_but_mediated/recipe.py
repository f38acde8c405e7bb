"""Bypass was expected, and media went through the Mediation Server all the same; then a call as it should be.

The messages are in ../ordinary_calls.py. Ben's laptop has a virtual network adapter first in its list, so that his
client does not know the bypass ID of the network it is in: its offer has no x-bypassid, and the Mediation Server stays
in the path.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dataclasses import replace

from lab import ANNA, BEN
from ordinary_calls import outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-03 09:00:00")
    ben = replace(BEN, bypass_id="")
    outbound_call(capture, 1.0, 1, ben, "+14255550144", direct=False, seconds=2.0)
    outbound_call(capture, 10.0, 2, ANNA, "+14255550145", direct=True, seconds=3.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
