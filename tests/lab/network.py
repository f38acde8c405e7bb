"""The lab's networks: namespaces of its own, joined by a router, and nothing beyond them.

    client   10.3.0.0/16 Berlin, 10.4.0.0/16 Hamburg (constrained)      med   10.1.0.10, the Mediation Server
    peer     10.2.0.0/16, gateway k: signalling 10.2.k.20, media 10.2.k.21
    sbc      10.5.0.20, merges early dialogs; behind it pbx, 10.6.0.30

No namespace has a link to the machine's own network, and none has a default route except to the lab's router.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

MEDIATION = "10.1.0.10"
SBC, SBC_INNER, PBX, PBX_MEDIA = "10.5.0.20", "10.6.0.1", "10.6.0.30", "10.6.0.31"
SITES = ("client", "med", "peer", "sbc")
ROUTER_ADDRESSES = {"client": ["10.3.0.1/16", "10.4.0.1/16"], "med": ["10.1.0.1/24"], "peer": ["10.2.0.1/16"], "sbc": ["10.5.0.1/24"]}
FIRST_MEDIA_PORT = 10_000


def gateway_ip(number: int) -> str:
    """Signalling address of gateway `number`."""
    return f"10.2.{number}.20"


def gateway_media_ip(number: int) -> str:
    """Media address of gateway `number`."""
    return f"10.2.{number}.21"


@dataclass(frozen=True)
class Network:
    """The namespaces that were made; `prefix` keeps labs that run side by side apart."""

    prefix: str

    def name(self, place: str) -> str:
        """Name of a namespace."""
        return f"{self.prefix}-{place}"

    def inside(self, place: str, *command: str) -> list[str]:
        """A command to be run in a namespace."""
        return ["ip", "netns", "exec", self.name(place), *command]


def _run(*commands: str) -> None:
    for command in commands:
        subprocess.run(command.split(), check=True, capture_output=True, text=True)


def _nft(network: Network, place: str, rules: str) -> None:
    subprocess.run(network.inside(place, "nft", "-f", "-"), input=rules, check=True, capture_output=True, text=True)


@contextmanager
def network(addresses: dict[str, list[str]], dropped: list[str], rejected: list[str]) -> Iterator[Network]:
    """Makes the networks, and takes them away again.

    addresses: of every place (client, med, peer, pbx), with mask. dropped, rejected: media addresses of gateways whose direct
    media with clients the router drops, or turns away with ICMP (administratively prohibited).
    """
    made = Network(f"siplens-lab-{os.getpid()}")
    places = ("router", *SITES, "pbx")
    try:
        for place in places:
            _run(f"ip netns add {made.name(place)}")
        for site in SITES:
            _join(made, "router", f"r-{site}", site, f"{site}0")
            for address in ROUTER_ADDRESSES[site]:
                _run(f"ip -n {made.name('router')} address add {address} dev r-{site}")
        _join(made, "sbc", "s-pbx", "pbx", "pbx0")
        _run(
            f"ip -n {made.name('sbc')} address add {SBC}/24 dev sbc0",
            f"ip -n {made.name('sbc')} address add {SBC_INNER}/24 dev s-pbx",
            f"ip -n {made.name('router')} route add 10.6.0.0/24 via {SBC}",
        )
        for place, wanted in addresses.items():
            _run(*(f"ip -n {made.name(place)} address add {address} dev {place}0" for address in wanted))
        for place in (*SITES, "pbx"):
            gateway = SBC_INNER if place == "pbx" else ROUTER_ADDRESSES[place][0].partition("/")[0]
            _run(f"ip -n {made.name(place)} route add default via {gateway}")
        for place in ("router", "sbc"):
            _run(f"ip netns exec {made.name(place)} sysctl -q -w net.ipv4.ip_forward=1")
        _run(f"ip netns exec {made.name('router')} sysctl -q -w net.ipv4.icmp_ratelimit=0")
        # SIPp plays RTP without a socket at its port: hosts must not answer what comes there with ICMP of their own.
        for place in ("client", "peer", "pbx"):
            _nft(made, place, _chain("input", [f"udp dport >= {FIRST_MEDIA_PORT} drop"]))
        _nft(made, "router", _chain("forward", [*_between(dropped, "drop"), *_between(rejected, "reject with icmp type admin-prohibited")]))
        yield made
    finally:
        for place in places:
            subprocess.run(["ip", "netns", "delete", made.name(place)], check=False, capture_output=True)


def _join(made: Network, one: str, one_link: str, other: str, other_link: str) -> None:
    _run(
        f"ip link add {one_link} netns {made.name(one)} type veth peer name {other_link} netns {made.name(other)}",
        f"ip -n {made.name(one)} link set {one_link} up",
        f"ip -n {made.name(other)} link set {other_link} up",
    )


def _chain(hook: str, rules: list[str]) -> str:
    lines = "".join(f"    {rule}\n" for rule in rules)
    return f"table ip lab {{\n  chain {hook} {{\n    type filter hook {hook} priority 0; policy accept;\n{lines}  }}\n}}\n"


def _between(gateways: list[str], verdict: str) -> list[str]:
    clients = "{ 10.3.0.0/16, 10.4.0.0/16 }"
    return [
        f"ip saddr {source} ip daddr {target} udp dport >= {FIRST_MEDIA_PORT} {verdict}"
        for gateway in gateways
        for source, target in ((clients, gateway), (gateway, clients))
    ]
