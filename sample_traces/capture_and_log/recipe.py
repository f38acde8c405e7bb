"""One call in a capture and in a server log: one call, two observations, two clocks.

The messages are in ../ordinary_calls.py. The client talks TLS to a front end, which talks TCP to the Mediation Server.
The capture mirrors the Mediation Server and the gateway; the log is the front end's, and its clock is 250 ms ahead:

                       client ==TLS== front end --TCP-- Mediation Server --TCP-- gateway
    server.log                 ......................
    capture.pcapng                              ........................................   and RTP, client to gateway
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, FRONT_END, GATEWAY, GATEWAY_MEDIA, MEDIATION, outbound
from ordinary_calls import client_calls, client_hangs_up, gateway_answers, media_addresses, offer_to_gateway, talk
from trace_writer import Capture, Proxy, ServerLog


def write(folder: Path) -> list[Capture | ServerLog]:
    """Write capture.pcapng and server.log."""
    start = "2026-03-10 09:00:00"
    mirrors = {"mirror of the Mediation Server": [MEDIATION], "mirror of the gateway": [GATEWAY, GATEWAY_MEDIA]}
    capture = Capture(start, interfaces=mirrors)
    log = ServerLog(start, FRONT_END, "POOL01\\FE01", offset_s=0.250)
    call = outbound([capture], 1, ANNA, "+14255550162")
    call.client_leg.proxy = Proxy(FRONT_END, listens=5061, sends=49811)
    call.client_leg.transports = ("tls", "tcp")
    call.client_leg.sinks = ([log], [capture, log])

    sdp = media_addresses(call, direct=True)
    client_calls(call, 1.0)
    offer_to_gateway(call, 1.040, sdp)
    gateway_answers(call, 1.900, sdp)
    talk(capture, call, 4.200, direct=True, seconds=4.0)
    client_hangs_up(call, 8.400)

    capture.write(folder / "capture.pcapng")
    log.write(folder / "server.log")
    return [capture, log]


if __name__ == "__main__":
    write(Path(__file__).parent)
