"""The lab of all sample traces: its machines, its people, and the two legs of a call. All made up.

    clients, Berlin       10.3.0.0/16      Lync 2013 clients; region EMEA's bypass ID
    clients, Hamburg      10.4.0.0/16      behind a WAN link with a bandwidth policy: a bypass ID of its own
    clients, nowhere      192.168.77.0/24  a subnet that nobody entered in the network configuration
    Mediation Server      10.1.0.10        front end on the same machine, where no front end of its own is shown
    front end             10.1.0.5         shown only where a case needs it
    gateway               10.2.0.20        its signalling; its media comes from 10.2.0.21, in the same region as Berlin

The lab runs signalling without TLS, so that it can be read. Numbers: +49 30 23125 xxx and +1 425 555 01xx, which are
kept free for fiction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from lab_texts import CLIENT_HEADERS, CLIENT_OFFER, MEDIATION_ANSWER
from trace_writer import Capture, Host, Leg, Party
from trace_writer.leg import Sink

MEDIATION = Host("mediation", "10.1.0.10", "med01.contoso.example")
FRONT_END = Host("front end", "10.1.0.5", "fe01.contoso.example")
GATEWAY = Host("gateway", "10.2.0.20", "gw1.contoso.example")
GATEWAY_MEDIA = Host("gateway media", "10.2.0.21")

EMEA_BYPASS_ID = "5f3c1a52-7d1e-4c7b-9a60-2b8f1d3e4c01"
HAMBURG_BYPASS_ID = "b7e2d940-1c4f-4f0a-8d3b-6a5c7e9f0d02"

CLIENT_AGENT = "UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)"
MEDIATION_AGENT = "RTCC/5.0.0.0 MediationServer"
GATEWAY_AGENT = "Example-Gateway/7.2"


@dataclass(frozen=True)
class Person:
    """Someone with a Lync client: `bypass_id` is what the client was told at sign-in, "" if it knows none."""

    name: str
    display: str
    number: str
    host: Host
    subnet: str
    bypass_id: str = EMEA_BYPASS_ID

    @property
    def uri(self) -> str:
        return f"sip:{self.name}@contoso.example"


def _berlin(name: str, display: str, number: str, last: int) -> Person:
    return Person(name, display, number, Host(f"{name}'s client", f"10.3.0.{last}"), "10.3.0.0")


ANNA = _berlin("anna", "Anna Berg", "+493023125110", 51)
BEN = _berlin("ben", "Ben Cordes", "+493023125111", 52)
CARLA = _berlin("carla", "Carla Dorn", "+493023125112", 53)
DAVID = _berlin("david", "David Ehlers", "+493023125113", 54)
EMMA = _berlin("emma", "Emma Falk", "+493023125114", 55)
HANNES = Person("hannes", "Hannes Timm", "+493023125140", Host("hannes's client", "10.4.0.61"), "10.4.0.0", HAMBURG_BYPASS_ID)
OLGA = Person("olga", "Olga Prinz", "+493023125150", Host("olga's client", "192.168.77.20"), "192.168.77.0", "")


@dataclass
class Call:
    """The two legs of one call, `number` counted from 1 in its case, and the ports and names that are made from it."""

    number: int
    person: Person
    far: str
    """The number in the public network."""
    client: Party
    mediation_in: Party
    mediation_out: Party
    gateway: Party
    client_leg: Leg
    gateway_leg: Leg

    @property
    def client_port(self) -> int:
        return 50000 + 20 * self.number

    @property
    def gateway_port(self) -> int:
        return 20000 + 10 * self.number

    @property
    def mediation_ports(self) -> tuple[int, int]:
        """The Mediation Server's own media: towards the client, towards the gateway."""
        return 49200 + 10 * self.number, 49600 + 10 * self.number

    @property
    def ssrcs(self) -> tuple[int, int]:
        """SSRC of the client's stream and of the gateway's."""
        return 1330447900 + self.number, 724100 + self.number

    def talk_directly(self, capture: Capture, at: float, seconds: float, silent: Host | None = None) -> None:
        """Client and gateway send to each other: G.711, without the Mediation Server."""
        client, gateway = (self.person.host, self.client_port), (GATEWAY_MEDIA, self.gateway_port)
        capture.talk(at, client, gateway, seconds=seconds, ssrcs=self.ssrcs, silent=silent)

    def talk_through_mediation(self, capture: Capture, at: float, seconds: float) -> None:
        """Both send to the Mediation Server: the client G.722 over SRTP after a check, the gateway G.711."""
        inner, outer = self.mediation_ports
        client, mediation = (self.person.host, self.client_port), (MEDIATION, inner)
        check = f"check {self.number}"
        capture.stun(at - 0.2, client, mediation, "request", check, username="kT9q:M+7x", use_candidate=True)
        capture.stun(at - 0.198, mediation, client, "success", check, mapped=client)
        first, second = self.ssrcs
        capture.talk(at, client, mediation, seconds=seconds, ssrcs=(first, second + 5000), codec="G722", srtp=True)
        gateway = (GATEWAY_MEDIA, self.gateway_port)
        capture.talk(at + 0.003, (MEDIATION, outer), gateway, seconds=seconds, ssrcs=(first + 5000, second))


def token(seed: object, size: int) -> str:
    """Hexadecimal digits that look random, the same for the same seed."""
    return hashlib.md5(repr(seed).encode()).hexdigest()[:size]


def outbound(sinks: Sequence[Sink], number: int, person: Person, far: str) -> Call:
    """A call from a client to the public network: legs client → Mediation Server → gateway."""
    client = Party(
        person.host,
        50200 + number,
        person.uri,
        token((number, "c", far), 10),
        person.display,
        token(person.name, 10),
        via_branch=False,
    )
    mediation_in = Party(
        MEDIATION,
        5070,
        f"sip:{far}@contoso.example;user=phone",
        token((number, "m", far), 10),
        epid="C1D2E3F405",
        capitals=True,
    )
    mediation_out = Party(
        MEDIATION,
        52300 + number,
        f"sip:{person.number}@med01.contoso.example;user=phone",
        token((number, "o", far), 10),
        capitals=True,
    )
    gateway = Party(GATEWAY, 5060, f"sip:{far}@gw1.contoso.example;user=phone", token((number, "g", far), 8))
    return _call(sinks, number, person, far, client, mediation_in, mediation_out, gateway, inbound=False)


def inbound(sinks: Sequence[Sink], number: int, person: Person, far: str, *, front_end: bool = False) -> Call:
    """A call from the public network to a client: legs gateway → Mediation Server → client, or → front end."""
    host, port = (FRONT_END, 5060) if front_end else (person.host, 50200 + number)
    client = Party(host, port, person.uri, token((number, "c", far), 10), "", token(person.name, 10))
    mediation_in = Party(
        MEDIATION,
        52100 + number if front_end else 5070,
        f"sip:{far}@contoso.example;user=phone",
        token((number, "m", far), 10),
        epid="C1D2E3F405",
        capitals=True,
    )
    mediation_out = Party(
        MEDIATION,
        5068,
        f"sip:{person.number}@med01.contoso.example;user=phone",
        token((number, "o", far), 10),
        capitals=True,
    )
    gateway = Party(GATEWAY, 41000 + number, f"sip:{far}@gw1.contoso.example;user=phone", token((number, "g", far), 8))
    return _call(sinks, number, person, far, client, mediation_in, mediation_out, gateway, inbound=True)


def _call(
    sinks: Sequence[Sink], number: int, person: Person, far: str,
    client: Party, mediation_in: Party, mediation_out: Party, gateway: Party, inbound: bool,
) -> Call:  # fmt: skip
    inner, outer = (mediation_in, client), (gateway, mediation_out)
    if not inbound:
        inner, outer = (client, mediation_in), (mediation_out, gateway)
    call = Call(
        number, person, far, client, mediation_in, mediation_out, gateway,
        Leg(token((number, person.name, far), 32), *inner, [sinks]),
        Leg(f"{token((far, number), 8)}-{token((number, far), 4)}@{outer[0].host.ip}", *outer, [sinks]),
    )  # fmt: skip
    bypass_line = f"a=x-bypassid:{person.bypass_id}" if person.bypass_id else "a=x-source:main-audio"
    names = {
        "client_ip": person.host.ip, "client_subnet": person.subnet, "client_number": person.number,
        "client_port": str(call.client_port), "client_rtcp": str(call.client_port + 1),
        "client_ssrc": str(call.ssrcs[0]), "far_number": far,
        "gateway_port": str(call.gateway_port), "mediation_port": str(call.mediation_ports[0]),
        "mediation_rtcp": str(call.mediation_ports[0] + 1), "mediation_gateway_port": str(call.mediation_ports[1]),
        "bypass_line": bypass_line, "bypass_id": person.bypass_id, "session": str(2000 + number),
        "user": person.name, "conversation_id": f"AdyqIk{token((number, far), 20)}==",
        "client_headers": CLIENT_HEADERS, "client_offer": CLIENT_OFFER, "mediation_answer": MEDIATION_ANSWER,
    }  # fmt: skip
    call.client_leg.names.update(names)
    call.gateway_leg.names.update(names)
    return call
