"""The calls of one lab run: kinds dealt out in turn, each call with a number of its own; configuration and instructions."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kinds import BERLIN, GATEWAYS, HAMBURG, KINDS, MERGING, Gateway, Kind
from network import MEDIATION, SBC, gateway_ip, gateway_media_ip

EMEA, CONSTRAINED = "5f3c1a52-7d1e-4c7b-9a60-2b8f1d3e4c01", "b7e2d940-1c4f-4f0a-8d3b-6a5c7e9f0d02"
CALLED_USER, CALLED_NUMBER = "carla", "+493023125112"
CALLERS_OF_SITE = {BERLIN: ("anna", "+493023125110", EMEA, "10.3.0.0"), HAMBURG: ("hannes", "+493023125140", CONSTRAINED, "10.4.0.0")}
CLIENT_PORT, PEER_PORT = 5070, 5068
"""Where the Mediation Server listens for clients and for peers."""
ENDPOINT_PORTS = {"answers": 5060, "rings": 5062, "declines": 5064}


@dataclass(frozen=True)
class LabCall:
    """One call: its number in the public network tells it from all others."""

    number: str
    kind: Kind


def endpoint_ip(place: int) -> str:
    """Address of the place-th endpoint of a fork."""
    return f"10.3.0.{51 + place}"


def bypass_id_of(call: LabCall) -> str:
    """The bypass ID that the calling client was told when it signed in."""
    return CALLERS_OF_SITE[call.kind.bypass_id_site or call.kind.client][2]


def address_of(gateway: Gateway) -> str:
    """Where the gateway signals."""
    return SBC if gateway is MERGING else gateway_ip(gateway.number)


def deal(calls: int, kinds: Sequence[Kind] = KINDS) -> list[LabCall]:
    """That many calls, or a few more: every kind by its weight, spread evenly over the run."""
    hand = [kind for turn in range(max(kind.weight for kind in kinds)) for kind in kinds if kind.weight > turn]
    dealt = [hand[n % len(hand)] for n in range(max(calls, len(hand)))]
    return [LabCall(f"+1425555{n:04d}", kind) for n, kind in enumerate(dealt)]


def server_settings(calls: list[LabCall], log: Path) -> dict[str, Any]:
    """What the Mediation Server is told."""
    return {
        "ip": MEDIATION,
        "agent": "RTCC/6.0.0.0 MediationServer",
        "domain": "med01.contoso.example",
        "ports": {"client": CLIENT_PORT, "peer": PEER_PORT},
        "listen": [["tcp", CLIENT_PORT], ["tcp", PEER_PORT], ["udp", PEER_PORT]],
        "log": str(log),
        "calls": {call.number: _server_plan(call) for call in calls},
    }


def _server_plan(call: LabCall) -> dict[str, Any]:
    kind = call.kind
    user, number, _, _ = CALLERS_OF_SITE[kind.client]
    if kind.inviting == "client":
        targets = [[kind.gateway.transport, address_of(kind.gateway), kind.port, call.number]]
    else:
        targets = [["tcp", endpoint_ip(place), ENDPOINT_PORTS[name], CALLED_USER] for place, name in enumerate(kind.endpoints)]
    return {
        "inviting": kind.inviting,
        "targets": targets,
        "direct": kind.direct,
        "reliable": kind.reliable,
        "update": kind.update,
        "own": f'"{user}" <sip:{number}@med01.contoso.example;user=phone>',
        # what a client is told is the gateway's ID
        "bypass_id": EMEA,
        "pull_back": kind.pull_back,
    }


def sbc_settings(calls: list[LabCall], log: Path) -> dict[str, Any]:
    """What the SBC is told: pass on to the Mediation Server, show one early dialog."""
    plan = {
        "inviting": "peer",
        "targets": [["udp", MEDIATION, PEER_PORT, CALLED_NUMBER]],
        "direct": True,
        "merge": True,
    }
    return {
        "ip": SBC,
        "agent": "Example-SBC/9.1",
        "domain": "sbc.contoso.example",
        "ports": {"client": 5070, "peer": 5068},
        "listen": [["udp", 5068], ["udp", 5070]],
        "log": str(log),
        "calls": {call.number: plan for call in calls if call.kind.gateway is MERGING},
    }


def callers_of(calls: list[LabCall]) -> dict[tuple[str, str, Gateway | None, str], list[LabCall]]:
    """Calls by who makes them: side, client address or "", gateway or None, and what he is told."""
    groups: dict[tuple[str, str, Gateway | None, str], list[LabCall]] = defaultdict(list)
    for call in calls:
        kind = call.kind
        outbound = kind.inviting == "client"
        groups[kind.inviting, kind.client if outbound else "", None if outbound else kind.gateway, kind.caller].append(call)
    return groups


def configuration() -> str:
    """The configuration in force, as siplens takes it."""

    def trunk(name: str, most: int) -> dict[str, Any]:
        return {
            "Identity": f"Service:PstnGateway:{name}", "EnableBypass": True, "ConcentratedTopology": True, "EnableReferSupport": True,
            "MaxEarlyDialogs": most, "SRTPMode": "Optional", "Transport": "tcp",
        }  # fmt: skip

    gateways: list[dict[str, Any]] = [
        {"Identity": f"{gateway.name}.contoso.example", "addresses": [gateway_ip(gateway.number)],
         "RepresentativeMediaIP": gateway_media_ip(gateway.number), "MediationServer": MEDIATION}
        for gateway in GATEWAYS
    ]  # fmt: skip
    gateways.append({"Identity": "merging.contoso.example", "addresses": [SBC], "MediationServer": MEDIATION})
    objects = {
        "mediation_servers": [MEDIATION],
        "bypass_settings": {"Enabled": True, "AlwaysBypass": False, "EnableDefaultBypassID": False},
        "network_regions": [{"NetworkRegionID": "EMEA", "BypassID": EMEA}],
        "network_sites": [
            {"NetworkSiteID": "Berlin", "NetworkRegionID": "EMEA"},
            {"NetworkSiteID": "Frankfurt", "NetworkRegionID": "EMEA"},
            {"NetworkSiteID": "Hamburg", "NetworkRegionID": "EMEA", "BWPolicyProfileID": "5Mb", "BypassID": CONSTRAINED},
        ],
        "network_subnets": [
            {"SubnetID": "10.1.0.0", "MaskBits": 24, "NetworkSiteID": "Frankfurt"},
            {"SubnetID": "10.2.0.0", "MaskBits": 16, "NetworkSiteID": "Frankfurt"},
            {"SubnetID": "10.5.0.0", "MaskBits": 24, "NetworkSiteID": "Frankfurt"},
            {"SubnetID": "10.6.0.0", "MaskBits": 24, "NetworkSiteID": "Frankfurt"},
            {"SubnetID": "10.3.0.0", "MaskBits": 16, "NetworkSiteID": "Berlin"},
            {"SubnetID": "10.4.0.0", "MaskBits": 16, "NetworkSiteID": "Hamburg"},
        ],
        "bandwidth_policies": [{"BWPolicyProfileID": "5Mb"}],
        "gateways": gateways,
        "trunks": [trunk(f"{gateway.name}.contoso.example", gateway.max_early_dialogs) for gateway in GATEWAYS]
        + [trunk("merging.contoso.example", 20)],
        "media_configuration": {"EncryptionLevel": "SupportEncryption"},
        "valid_from": "2026-01-01",
    }  # fmt: skip
    lines = ["# The lab's configuration, in the property names of the Get-Cs* cmdlets. Made up."]
    for name, value in objects.items():
        if isinstance(value, list):
            lines += [f"{name}:", *(f"  - {json.dumps(each)}" for each in value)]
        else:
            lines.append(f"{name}: {json.dumps(value)}")
    return "\n".join([*lines, ""])
