"""The gateway refuses an offer with a client's address (488), and takes one with the Mediation Server's.

The ordinary messages are in ../ordinary_calls.py. The Mediation Server tries bypass first; the refusal is below.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import ANNA, HANNES, Person, outbound
from ordinary_calls import (
    client_calls,
    client_hangs_up,
    gateway_answers,
    media_addresses,
    offer_to_gateway,
    outbound_call,
    signed_in,
    talk,
)
from trace_writer import Capture


def refused_then_mediated(capture: Capture, start: float, number: int, person: Person, far: str) -> None:
    """Bypass is tried and refused; the call goes on with media through the Mediation Server."""
    call = outbound([capture], number, person, far)
    trunk, ours, gateway = call.gateway_leg, call.mediation_out, call.gateway
    signed_in(capture, call, start)
    client_calls(call, start)
    offer_to_gateway(call, start + 0.040, media_addresses(call, direct=True))
    trunk.response(start + 0.110, gateway, """
        SIP/2.0 488 Not Acceptable Here
        {head}
        Server: Example-Gateway/7.2
        Warning: 301 gw1.contoso.example "Media address {client_ip} is not in a permitted network"
        """)  # fmt: skip
    trunk.request(start + 0.120, ours, """
        ACK sip:{far_number}@10.2.0.20;user=phone;transport=tcp SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip

    # The same Call-ID and From tag, a new CSeq (RFC 3261 8.1.3.5), and the Mediation Server's own address.
    mediated = media_addresses(call, direct=False)
    offer_to_gateway(call, start + 0.150, mediated)
    gateway_answers(call, start + 1.000, mediated)
    talk(capture, call, start + 3.300, direct=False, seconds=2.0)
    client_hangs_up(call, start + 5.500)


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-08 09:00:00")
    refused_then_mediated(capture, 1.0, 1, ANNA, "+14255550158")
    outbound_call(capture, 12.0, 2, HANNES, "+14255550159", direct=False, seconds=2.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
