"""A client in a subnet that nobody entered in the network configuration; then one in a known subnet.

The messages are in ../ordinary_calls.py. Olga's subnet belongs to no site, and EnableDefaultBypassID is false: there is
no bypass ID for it, so the call is mediated.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, OLGA
from ordinary_calls import outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-05 09:00:00")
    outbound_call(capture, 1.0, 1, OLGA, "+14255550148", direct=False, seconds=2.0)
    outbound_call(capture, 10.0, 2, ANNA, "+14255550149", direct=True, seconds=2.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
