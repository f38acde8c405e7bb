"""Direct media is accepted in two calls; in the second, the gateway sends none.

The messages are in ../ordinary_calls.py. The mirror is at the gateway's port: call 1 shows that the gateway's RTP and
RTCP to a client in Berlin would have been seen.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, BEN, GATEWAY, GATEWAY_MEDIA, MEDIATION
from ordinary_calls import outbound_call
from trace_writer import Capture


def write(folder: Path) -> list[Capture]:
    """Write capture.pcapng."""
    gateway_mirror = {"mirror of gateway and Mediation Server": [GATEWAY, GATEWAY_MEDIA, MEDIATION]}
    capture = Capture("2026-03-09 09:00:00", interfaces=gateway_mirror)
    outbound_call(capture, 1.0, 1, ANNA, "+14255550160", direct=True, seconds=4.0)
    outbound_call(capture, 12.0, 2, BEN, "+14255550161", direct=True, seconds=4.0, silent=GATEWAY_MEDIA)
    capture.write(folder / "capture.pcapng")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
