"""The gateway answers UPDATE in the second early dialog with 481: it keeps only the first. Then one it takes.

The ordinary messages are in ../forked_calls.py; the UPDATE is below.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from forked_calls import answered_by, forked_call, trunk_tag
from lab import ANNA, CARLA, GATEWAY, GATEWAY_MEDIA, Call, Person
from lab_texts import g711
from trace_writer import Capture


def update(call: Call, at: float, person: Person, port: int) -> None:
    """An endpoint moves its media to another port before it answers: the Mediation Server tells the gateway."""
    call.gateway_leg.request(at, call.mediation_out, """
        UPDATE sip:{far_number}@10.2.0.20:5060;transport=tcp SIP/2.0
        {head}
        CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        CONTENT-TYPE: application/sdp

        {sdp}
        """, to_tag=trunk_tag(call, person), sdp=g711(person.host.ip, port, person.host.ip))  # fmt: skip


def update_refused(call: Call, at: float) -> None:
    """The gateway knows no such dialog."""
    call.gateway_leg.response(at, call.gateway, """
        SIP/2.0 481 Call/Transaction Does Not Exist
        {head}
        Server: Example-Gateway/7.2
        """)  # fmt: skip


def update_accepted(call: Call, at: float) -> None:
    """The gateway takes the new address in that dialog."""
    call.gateway_leg.response(at, call.gateway, """
        SIP/2.0 200 OK
        {head}
        Contact: <sip:{far_number}@10.2.0.20:5060;transport=tcp>
        Server: Example-Gateway/7.2
        Content-Type: application/sdp

        {sdp}
        """, sdp=g711(GATEWAY_MEDIA.ip, call.gateway_port, GATEWAY.ip))  # fmt: skip


def write(folder: Path) -> list[Capture]:
    """Write capture.pcap."""
    capture = Capture("2026-03-12 09:00:00")
    first = forked_call(capture, 1.0, 1, CARLA, "+14255550168", [CARLA, ANNA], reliable=True)
    update(first, 2.0, ANNA, port=50062)
    update_refused(first, 2.020)
    answered_by(capture, first, 4.0, CARLA, seconds=2.0)
    second = forked_call(capture, 10.0, 2, CARLA, "+14255550169", [CARLA, ANNA], reliable=True)
    update(second, 11.0, ANNA, port=50062)
    update_accepted(second, 11.020)
    answered_by(capture, second, 13.0, CARLA, seconds=2.0)
    capture.write(folder / "capture.pcap")
    return [capture]


if __name__ == "__main__":
    write(Path(__file__).parent)
