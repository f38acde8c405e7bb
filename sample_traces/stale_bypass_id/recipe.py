"""Media goes directly although policy says it must not: the client's bypass ID is out of date.

The messages are in ../ordinary_calls.py. Yesterday Hamburg's WAN link was given a bandwidth policy. Hannes has not
signed in again since: his client still holds the region's bypass ID, finds it equal to the gateway's, and bypasses.
Later he has.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dataclasses import replace

from lab import EMEA_BYPASS_ID, HANNES
from ordinary_calls import inbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-11 09:00:00")
    stale = replace(HANNES, bypass_id=EMEA_BYPASS_ID)
    inbound_call(capture, 1.0, 1, stale, "+14255550166", direct=True, seconds=3.0)
    inbound_call(capture, 10.0, 2, HANNES, "+14255550167", direct=False, seconds=2.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
