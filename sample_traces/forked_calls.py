"""An inbound call that the front end forks to several endpoints, message by message.

Each endpoint answers early: a 183 with a To tag and SDP of its own. The Mediation Server passes every one of them on to
the gateway as an early dialog of its own, and does not collapse them. Shown are the hops between gateway and Mediation
Server and between Mediation Server and front end; beyond the front end, clients speak TLS, and nothing is shown.
"""

from collections.abc import Sequence

from lab import GATEWAY, GATEWAY_MEDIA, Call, Person, inbound, token
from lab_texts import g711
from trace_writer import Capture

FORK_S = (0.250, 0.330, 0.410, 0.520, 0.600)
"""When each endpoint's 183 reaches the Mediation Server, in seconds after the gateway's INVITE."""


def forked_call(
    capture: Capture, start: float, number: int, owner: Person, far: str, endpoints: Sequence[Person], *, reliable: bool
) -> Call:
    """INVITE from the gateway and to the front end, a 183 of every endpoint on both legs; PRACK if `reliable`."""
    call = inbound([capture], number, owner, far, front_end=True)
    leg, trunk = call.client_leg, call.gateway_leg
    front_end, mediation = call.client, call.mediation_in
    ours, gateway = call.mediation_out, call.gateway
    at_gateway = g711(GATEWAY_MEDIA.ip, call.gateway_port, GATEWAY.ip)
    reliability = "REQUIRE: 100rel\nRSEQ: 1" if reliable else "ALLOW: CANCEL, BYE, INVITE, UPDATE, PRACK"

    trunk.request(start, gateway, """
        INVITE sip:{client_number}@med01.contoso.example:5068;user=phone;transport=tcp SIP/2.0
        {head}
        Contact: <sip:{far_number}@10.2.0.20:5060;transport=tcp>
        User-Agent: Example-Gateway/7.2
        Supported: {options}
        Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE, PRACK, REFER
        Content-Type: application/sdp

        {sdp}
        """, sdp=at_gateway, options="100rel, timer, replaces" if reliable else "timer, replaces")  # fmt: skip
    trunk.response(start + 0.008, ours, """
        SIP/2.0 100 Trying
        {head}
        """)  # fmt: skip
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

        {sdp}
        a=x-bypassid:{bypass_id}
        """, sdp=at_gateway)  # fmt: skip
    leg.response(start + 0.070, front_end, """
        SIP/2.0 100 Trying
        {head}
        Server: RTC/5.0
        """)  # fmt: skip
    for n, person in enumerate(endpoints):
        sdp = endpoint_sdp(call, person)
        leg.response(start + FORK_S[n], front_end, """
            SIP/2.0 183 Session Progress
            {head}
            Record-Route: <sip:fe01.contoso.example:5060;transport=tcp;opaque=state:F;lr>
            Contact: <sip:{endpoint}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu>
            User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
            Content-Type: application/sdp

            {sdp}
            a=x-bypassid:{bypass_id}
            """, to="INVITE", to_tag=endpoint_tag(call, person), endpoint=person.name, sdp=sdp)  # fmt: skip
        trunk.response(start + FORK_S[n] + 0.010, ours, """
            SIP/2.0 183 Session Progress
            {head}
            CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
            SERVER: RTCC/5.0.0.0 MediationServer
            {reliability}
            CONTENT-TYPE: application/sdp

            {sdp}
            """, to="INVITE", to_tag=trunk_tag(call, person), sdp=sdp,
            reliability=reliability)  # fmt: skip
        if reliable:
            trunk.request(start + FORK_S[n] + 0.030, gateway, """
                PRACK sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10 SIP/2.0
                {head}
                User-Agent: Example-Gateway/7.2
                RAck: 1 {invite_cseq} INVITE
                """, to_tag=trunk_tag(call, person))  # fmt: skip
            trunk.response(start + FORK_S[n] + 0.036, ours, """
                SIP/2.0 200 OK
                {head}
                SERVER: RTCC/5.0.0.0 MediationServer
                """)  # fmt: skip
    return call


def answered_by(capture: Capture, call: Call, at: float, person: Person, seconds: float) -> None:
    """One endpoint answers: 200 with its To tag on both legs, ACK; talk for `seconds`; the gateway hangs up."""
    leg, trunk = call.client_leg, call.gateway_leg
    front_end, mediation = call.client, call.mediation_in
    ours, gateway = call.mediation_out, call.gateway
    sdp = endpoint_sdp(call, person)

    leg.response(at, front_end, """
        SIP/2.0 200 OK
        {head}
        Record-Route: <sip:fe01.contoso.example:5060;transport=tcp;opaque=state:F;lr>
        Contact: <sip:{endpoint}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu>
        {client_headers}
        Content-Type: application/sdp

        {sdp}
        a=x-bypassid:{bypass_id}
        """, to="INVITE", to_tag=endpoint_tag(call, person), endpoint=person.name, sdp=sdp)  # fmt: skip
    trunk.response(at + 0.020, ours, """
        SIP/2.0 200 OK
        {head}
        CONTACT: <sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10>
        SERVER: RTCC/5.0.0.0 MediationServer
        CONTENT-TYPE: application/sdp

        {sdp}
        """, to="INVITE", to_tag=trunk_tag(call, person), sdp=sdp)  # fmt: skip
    trunk.request(at + 0.035, gateway, """
        ACK sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10 SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        """)  # fmt: skip
    leg.request(at + 0.050, mediation, """
        ACK sip:{endpoint}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu SIP/2.0
        {head}
        ROUTE: <sip:fe01.contoso.example:5060;transport=tcp;opaque=state:F;lr>
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """, endpoint=person.name)  # fmt: skip
    far_end = GATEWAY_MEDIA, call.gateway_port
    capture.talk(at + 0.200, (person.host, call.client_port), far_end, seconds=seconds, ssrcs=call.ssrcs)
    end = at + 0.400 + seconds
    trunk.request(end, gateway, """
        BYE sip:med01.contoso.example:5068;transport=tcp;maddr=10.1.0.10 SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        Reason: Q.850;cause=16
        """)  # fmt: skip
    trunk.response(end + 0.010, ours, """
        SIP/2.0 200 OK
        {head}
        SERVER: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.request(end + 0.020, mediation, """
        BYE sip:{endpoint}@contoso.example;opaque=user:epid:JLcBefPLmVK_0AQYJ-UEiAAA;gruu SIP/2.0
        {head}
        ROUTE: <sip:fe01.contoso.example:5060;transport=tcp;opaque=state:F;lr>
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """, endpoint=person.name)  # fmt: skip
    leg.response(end + 0.060, front_end, """
        SIP/2.0 200 OK
        {head}
        User-Agent: UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)
        """)  # fmt: skip


def cancelled(call: Call, at: float) -> None:
    """The gateway cancels: CANCEL, 200, 487, ACK, on both legs."""
    leg, trunk = call.client_leg, call.gateway_leg
    front_end, mediation = call.client, call.mediation_in
    ours, gateway = call.mediation_out, call.gateway

    trunk.request(at, gateway, """
        CANCEL sip:{client_number}@med01.contoso.example:5068;user=phone;transport=tcp SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        """)  # fmt: skip
    trunk.response(at + 0.004, ours, """
        SIP/2.0 200 OK
        {head}
        SERVER: RTCC/5.0.0.0 MediationServer
        """, to_tag=trunk.to_tag)  # fmt: skip
    trunk.response(at + 0.008, ours, """
        SIP/2.0 487 Request Terminated
        {head}
        SERVER: RTCC/5.0.0.0 MediationServer
        """, to="INVITE", to_tag=trunk.to_tag)  # fmt: skip
    trunk.request(at + 0.020, gateway, """
        ACK sip:{client_number}@med01.contoso.example:5068;user=phone;transport=tcp SIP/2.0
        {head}
        User-Agent: Example-Gateway/7.2
        """)  # fmt: skip
    leg.request(at + 0.030, mediation, """
        CANCEL sip:{user}@contoso.example SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip
    leg.response(at + 0.034, front_end, """
        SIP/2.0 200 OK
        {head}
        Server: RTC/5.0
        """, to_tag=leg.to_tag)  # fmt: skip
    leg.response(at + 0.050, front_end, """
        SIP/2.0 487 Request Terminated
        {head}
        Server: RTC/5.0
        """, to="INVITE", to_tag=leg.to_tag)  # fmt: skip
    leg.request(at + 0.060, mediation, """
        ACK sip:{user}@contoso.example SIP/2.0
        {head}
        USER-AGENT: RTCC/5.0.0.0 MediationServer
        """)  # fmt: skip


def endpoint_tag(call: Call, person: Person) -> str:
    """The To tag of an endpoint's dialog, on the leg to the front end."""
    return token((call.far, person.name, "endpoint"), 10)


def trunk_tag(call: Call, person: Person) -> str:
    """The To tag that the Mediation Server gives that dialog, on the leg to the gateway."""
    return token((call.far, person.name, "trunk"), 10)


def endpoint_sdp(call: Call, person: Person) -> str:
    """What an endpoint answers: G.711 at its own address, for bypass."""
    return g711(person.host.ip, call.client_port, person.host.ip)
