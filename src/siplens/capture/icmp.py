"""ICMP errors into rows of `icmp_error`: they quote the packet that the network refused."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from siplens.capture.rows import Row

_UNREACHABLE = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    4: "fragmentation needed",
    9: "network administratively prohibited",
    10: "host administratively prohibited",
    13: "communication administratively prohibited",
}
_UNREACHABLE_6 = {0: "no route", 1: "administratively prohibited", 3: "address unreachable", 4: "port unreachable"}
_MEANINGS = {3: "unreachable", 4: "source quench", 5: "redirect", 11: "time exceeded", 12: "parameter problem"}
_MEANINGS_6 = {1: "unreachable", 2: "packet too big", 3: "time exceeded", 4: "parameter problem"}
_PROTOCOLS = {6: "tcp", 17: "udp"}


def icmp_row(packet: bytes, version: int, seen: Row) -> Row | None:
    """Row of `icmp_error` with the quoted packet's 5-tuple (RFC 792, RFC 4443); None where it quotes neither UDP nor TCP."""
    kind, code, quoted = packet[0], packet[1], packet[8:]
    if version == 4:
        meaning = _UNREACHABLE.get(code, "unreachable") if kind == 3 else _MEANINGS[kind]
    else:
        meaning = _UNREACHABLE_6.get(code, "unreachable") if kind == 1 else _MEANINGS_6[kind]
    row = {
        "frame": seen["frame"],
        "ts": seen["ts"],
        "reporter_ip": seen["src_ip"],
        "type": kind,
        "code": code,
        "meaning": meaning,
    }
    if len(quoted) >= 28 and quoted[0] >> 4 == 4:
        protocol, ports = quoted[9], (quoted[0] & 15) * 4
        source, target = str(IPv4Address(quoted[12:16])), str(IPv4Address(quoted[16:20]))
    elif len(quoted) >= 48 and quoted[0] >> 4 == 6:
        protocol, ports = quoted[6], 40
        source, target = str(IPv6Address(quoted[8:24])), str(IPv6Address(quoted[24:40]))
    else:
        return None
    if protocol not in _PROTOCOLS or len(quoted) < ports + 4:
        return None
    sport, dport = struct.unpack_from("!HH", quoted, ports)
    return row | {"protocol": _PROTOCOLS[protocol], "src_ip": source, "src_port": sport, "dst_ip": target, "dst_port": dport}
