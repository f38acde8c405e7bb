"""The ordinary calls of the lab, message by message: one to the public network, one from it.

`direct`: media bypass. What the Mediation Server then changes is the address of the media, on both legs: the offer to
the gateway carries the client's, and what the client is told is the gateway's. Without it, both are the Mediation
Server's.
"""

from lab import GATEWAY, GATEWAY_MEDIA, MEDIATION, Call, Person, inbound, outbound
from lab_texts import CLIENT_ANSWER, MEDIATION_ANSWER, g711
from trace_writer import Capture, Host


def media_addresses(call: Call, direct: bool) -> dict[str, str]:
    """SDP as the other side gets to see it: {to_gateway}, {from_gateway}, {to_client}, {from_client} (inbound)."""
    from_gateway = g711(GATEWAY_MEDIA.ip, call.gateway_port, GATEWAY.ip)
    if not direct:
        to_gateway = g711(MEDIATION.ip, call.mediation_ports[1], MEDIATION.ip)
        return {
            "to_gateway": to_gateway, "from_gateway": from_gateway,
            "to_client": MEDIATION_ANSWER, "from_client": CLIENT_ANSWER,
        }  # fmt: skip
    bypass = "\na=x-bypassid:{bypass_id}"
    return {
        "to_gateway": g711(call.person.host.ip, call.client_port, MEDIATION.ip),
        "from_gateway": from_gateway,
        "to_client": from_gateway + bypass,
        "from_client": g711(call.person.host.ip, call.client_port, call.person.host.ip) + bypass,
    }


def talk(capture: Capture, call: Call, at: float, direct: bool, seconds: float, silent: Host | None = None) -> None:
    """RTP of both people, along the path that the SDP gave."""
    if direct:
        call.talk_directly(capture, at, seconds, silent)
    else:
        call.talk_through_mediation(capture, at, seconds)


def outbound_call(
    capture: Capture, start: float, number: int, person: Person, far: str, *, direct: bool, seconds: float = 4.0,
    silent: Host | None = None,
) -> None:  # fmt: skip
    """The client calls a number in the public network, talks for `seconds`, and hangs up. `silent` sends no media."""
    call = outbound([capture], number, person, far)
    sdp = media_addresses(call, direct)
    signed_in(capture, call, start)
    client_calls(call, start)
    offer_to_gateway(call, start + 0.040, sdp)
    gateway_answers(call, start + 0.900, sdp)
    talk(capture, call, start + 3.200, direct, seconds, silent)
    client_hangs_up(call, start + 3.400 + seconds)


def signed_in(capture: Capture, call: Call, at: float) -> None:
    """The client's TCP connection is there since it signed in: its handshake is not in the capture."""
    client, server = call.client, call.mediation_in
    capture.connect(at, (client.host, client.port), (server.host, server.port), established=True)


def client_calls(call: Call, at: float) -> None:
    """INVITE of the client, and 100."""
    leg, client, mediation = call.client_leg, call.client, call.mediation_in
    leg.request(at, client, """
        INVITE sip:{far_number}@contoso.example;user=phone SIP/2.0
        {head}
        Contact: <sip:{user}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu>
        {client_headers}
        Content-Type: multipart/alternative;boundary="----=_NextPart_000_001C_01DCAA22.2D055920"

        {client_offer}
        """)  # fmt: skip
    leg.response(at + 0.010, mediation, """
        SIP/2.0 100 Trying
        {head}
        """)  # fmt: skip


def offer_to_gateway(call: Call, at: float, sdp: dict[str, str]) -> None:
    """INVITE of the Mediation Server to the gateway, and 100."""
    trunk, ours, gateway = call.gateway_leg, call.mediation_out, call.gateway
    trunk.request(at, ours, """
        INVITE sip:{far_number}@10.2.0.20;user=phone;transport=tcp SIP/2.0
        {head}
        CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        SUPPORTED: replaces
        SUPPORTED: timer
        SUPPORTED: 100rel
        ALLOW: ACK, CANCEL, BYE, INVITE, UPDATE, PRACK, OPTIONS
        CONTENT-TYPE: application/sdp

        {to_gateway}
        """, **sdp)  # fmt: skip
    trunk.response(at + 0.015, gateway, """
        SIP/2.0 100 Trying
        {head}
        """)  # fmt: skip


def gateway_answers(call: Call, at: float, sdp: dict[str, str]) -> None:
    """183 and, 2.1 s later, 200; the Mediation Server passes both on to the client. ACK on both legs."""
    leg, client, mediation = call.client_leg, call.client, call.mediation_in
    trunk, ours, gateway = call.gateway_leg, call.mediation_out, call.gateway
    trunk.response(at, gateway, """
        SIP/2.0 183 Session Progress
        {head}
        Contact: <sip:{far_number}@10.2.0.20:5060;transport=tcp>
        Server: Example-Gateway/7.2
        Content-Type: application/sdp

        {from_gateway}
        """, **sdp)  # fmt: skip

    leg.response(at + 0.020, mediation, """
        SIP/2.0 183 Session Progress
        {head}
        CONTACT: <sip:med01.contoso.example@contoso.example;gruu;opaque=srvr:MediationServer:1>
        SERVER: RTCC/5.0.0.0 MediationServer
        CONTENT-TYPE: application/sdp

        {to_client}
        """, **sdp)  # fmt: skip
    trunk.response(at + 2.100, gateway, """
        SIP/2.0 200 OK
        {head}
        Contact: <sip:{far_number}@10.2.0.20:5060;transport=tcp>
        Server: Example-Gateway/7.2
        Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, REFER
        Content-Type: application/sdp

        {from_gateway}
        """, **sdp)  # fmt: skip
    trunk.request(at + 2.110, ours, """
        ACK sip:{far_number}@10.2.0.20:5060;transport=tcp SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.response(at + 2.120, mediation, """
        SIP/2.0 200 OK
        {head}
        CONTACT: <sip:med01.contoso.example@contoso.example;gruu;opaque=srvr:MediationServer:1>
        SERVER: RTCC/5.0.0.0 MediationServer
        CONTENT-TYPE: application/sdp

        {to_client}
        """, **sdp)  # fmt: skip
    leg.request(at + 2.160, client, """
        ACK sip:med01.contoso.example@contoso.example;gruu;opaque=srvr:MediationServer:1 SIP/2.0
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip


def client_hangs_up(call: Call, at: float) -> None:
    """BYE of the client, and of the Mediation Server to the gateway."""
    leg, client, mediation = call.client_leg, call.client, call.mediation_in
    trunk, ours, gateway = call.gateway_leg, call.mediation_out, call.gateway
    leg.request(at, client, """
        BYE sip:med01.contoso.example@contoso.example;gruu;opaque=srvr:MediationServer:1 SIP/2.0
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip
    leg.response(at + 0.010, mediation, """
        SIP/2.0 200 OK
        {head}
        SERVER: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    trunk.request(at + 0.020, ours, """
        BYE sip:{far_number}@10.2.0.20:5060;transport=tcp SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    trunk.response(at + 0.040, gateway, """
        SIP/2.0 200 OK
        {head}
        Server: Example-Gateway/7.2
        """)  # fmt: skip


def inbound_call(
    capture: Capture, start: float, number: int, person: Person, far: str, *, direct: bool, seconds: float = 3.0,
) -> None:  # fmt: skip
    """Somebody in the public network calls the client, talks for `seconds`, and hangs up."""
    call = inbound([capture], number, person, far)
    leg, trunk = call.client_leg, call.gateway_leg
    client, mediation = call.client, call.mediation_in
    ours, gateway = call.mediation_out, call.gateway
    sdp = media_addresses(call, direct)
    signed_in(capture, call, start)

    trunk.request(start, gateway, """
        INVITE sip:{client_number}@med01.contoso.example:5068;user=phone;transport=tcp SIP/2.0
        {head}
        Contact: <sip:{far_number}@10.2.0.20:5060;transport=tcp>
        User-Agent: Example-Gateway/7.2
        Supported: timer, replaces
        Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, REFER
        Content-Type: application/sdp

        {from_gateway}
        """, **sdp)  # fmt: skip
    trunk.response(start + 0.008, ours, """
        SIP/2.0 100 Trying
        {head}
        """)  # fmt: skip

    # Bypass: the client compares the bypass ID with its own; they are equal, so it answers with G.711 for the gateway.
    leg.request(start + 0.060, mediation, """
        INVITE sip:{user}@contoso.example SIP/2.0
        {head}
        CONTACT: <sip:med01.contoso.example@contoso.example;gruu;opaque=srvr:MediationServer:1>
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        P-ASSERTED-IDENTITY: <sip:{far_number}@contoso.example;user=phone>
        SUPPORTED: ms-early-media
        SUPPORTED: 100rel
        SUPPORTED: ms-bypass
        CONTENT-TYPE: application/sdp

        {to_client}
        """, **sdp)  # fmt: skip
    leg.response(start + 0.110, client, """
        SIP/2.0 100 Trying
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip
    leg.response(start + 0.160, client, """
        SIP/2.0 180 Ringing
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip
    trunk.response(start + 0.180, ours, """
        SIP/2.0 180 Ringing
        {head}
        CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
        SERVER: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.response(start + 2.500, client, """
        SIP/2.0 200 OK
        {head}
        Contact: <sip:{user}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu>
        {client_headers}
        Content-Type: application/sdp

        {from_client}
        """, **sdp)  # fmt: skip
    trunk.response(start + 2.520, ours, """
        SIP/2.0 200 OK
        {head}
        CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
        SERVER: RTCC/5.0.0.0 MediationServer
        CONTENT-TYPE: application/sdp

        {to_gateway}
        """, **sdp)  # fmt: skip
    trunk.request(start + 2.535, gateway, """
        ACK sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10 SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        """)  # fmt: skip
    leg.request(start + 2.550, mediation, """
        ACK sip:{user}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    talk(capture, call, start + 2.700, direct, seconds)
    end = start + 2.700 + seconds
    trunk.request(end + 0.200, gateway, """
        BYE sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10 SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        Reason: Q.850;cause=16
        """)  # fmt: skip
    trunk.response(end + 0.210, ours, """
        SIP/2.0 200 OK
        {head}
        SERVER: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.request(end + 0.220, mediation, """
        BYE sip:{user}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.response(end + 0.260, client, """
        SIP/2.0 200 OK
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip
