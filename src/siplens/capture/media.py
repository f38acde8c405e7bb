"""RTCP, STUN and ICMP: the few packets whose contents Python reads. One function a protocol, rows of the raw tables out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address

from siplens.capture.rows import Row

_COOKIE = 0x2112A442
_STUN_CLASSES = ("request", "indication", "success", "error")
_STUN_METHODS = {
    1: "binding",
    2: "shared-secret",
    3: "allocate",
    4: "refresh",
    6: "send",
    7: "data",
    8: "create-permission",
    9: "channel-bind",
}
_USERNAME, _ERROR_CODE, _MAPPED, _USE_CANDIDATE = 0x0006, 0x0009, 0x0001, 0x0025
_XOR_MAPPED = (0x0020, 0x8020)
"""XOR-MAPPED-ADDRESS (RFC 8489 14.2), and the number it had in drafts, which Microsoft's TURN and others still send."""

_RTCP_TYPES = {200: "SR", 201: "RR", 203: "BYE", 207: "XR"}

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


def rtcp_rows(packet: bytes, seen: Row) -> Iterator[Row]:
    """Rows of `rtcp_report` from a compound packet (RFC 3550 6.4, 6.6; RFC 3611): one per report block; SR, RR without one, BYE, XR."""
    at = 0
    while at + 4 <= len(packet):
        first, kind, words = struct.unpack_from("!BBH", packet, at)
        part = packet[at : at + 4 * words + 4]
        at += 4 * words + 4
        name = _RTCP_TYPES.get(kind)
        if name is None or len(part) < 8:
            continue
        count, sender = first & 31, struct.unpack_from("!I", part, 4)[0]
        row = {**seen, "type": name, "ssrc": sender}
        if kind == 203:
            yield from ({**row, "ssrc": ssrc} for (ssrc,) in struct.iter_unpack("!I", part[4 : 4 + 4 * count][: (len(part) - 4) // 4 * 4]))
            continue
        start = {200: 28, 201: 8}.get(kind, len(part))
        blocks = [part[p : p + 24] for p in range(start, min(start + 24 * count, len(part) - 23), 24)]
        yield from (row | _report(block) for block in blocks)
        if not blocks:
            yield row


def _report(block: bytes) -> Row:
    ssrc, fraction, lost, jitter = struct.unpack("!IB3s4xI8x", block)
    return {
        "about_ssrc": ssrc,
        "fraction_lost": fraction / 256,
        "cumulative_lost": int.from_bytes(lost, "big", signed=True),
        "jitter_units": jitter,
    }


def stun_row(packet: bytes, seen: Row) -> Row | None:
    """Row of `stun_check` (RFC 8489; RFC 3489 messages too); None where the attributes do not add up to a STUN message."""
    kind, size, cookie = struct.unpack_from("!HHI", packet)
    classic = cookie != _COOKIE
    method = kind & 0x000F | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2
    row = {
        **seen,
        "class": _STUN_CLASSES[(kind & 0x0100) >> 7 | (kind & 0x0010) >> 4],
        "method": _STUN_METHODS.get(method, f"0x{method:03x}"),
        "use_candidate": False,
    }
    at, end = 20, 20 + size
    while at + 4 <= end:
        code, length = struct.unpack_from("!HH", packet, at)
        value = packet[at + 4 : at + 4 + length]
        if at + 4 + length > end or (classic and 0x0025 < code < 0x8000):
            return None if classic else row
        _stun_attribute(row, code, value, packet[4:20])
        at += 4 + (length + 3) // 4 * 4
    return row


def _stun_attribute(row: Row, code: int, value: bytes, secret: bytes) -> None:
    if code == _USERNAME:
        row["username"] = value.rstrip(b"\0 ").decode("utf-8", "replace")
    elif code == _USE_CANDIDATE:
        row["use_candidate"] = True
    elif code == _ERROR_CODE and len(value) >= 4:
        row["error_code"] = (value[2] & 7) * 100 + value[3]
    elif (code == _MAPPED and "mapped_ip" not in row) or code in _XOR_MAPPED:
        # The secret is cookie and transaction: all of it hides an IPv6 address, its beginning port and IPv4 address.
        family, port = (value[1], struct.unpack_from("!H", value, 2)[0]) if len(value) >= 8 else (0, 0)
        hidden = code in _XOR_MAPPED
        length = {1: 4, 2: 16}.get(family, 0)
        if not length or len(value) < 4 + length:
            return
        address = int.from_bytes(value[4 : 4 + length], "big")
        if hidden:
            address ^= int.from_bytes(secret[:length], "big")
            port ^= int.from_bytes(secret[:2], "big")
        row["mapped_ip"] = str(IPv4Address(address) if family == 1 else IPv6Address(address))
        row["mapped_port"] = port


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
