"""Bytes of packets and capture files for the tests of `siplens.capture`: each layer one small function, nothing checked."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from siplens.capture import read_capture

A, B = "192.0.2.1", "192.0.2.2"
A6, B6 = "2001:db8::1", "2001:db8::2"
START = 1_767_600_000
ETHERNET = 1

Packet = tuple[float, bytes]


def sip(call_id: str = "c1", *, method: str = "INVITE", body: str = "", cseq: int = 1) -> bytes:
    """A request whose Content-Length is right."""
    typed = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"{method} sip:b@{B} SIP/2.0\r\nVia: SIP/2.0/UDP {A};branch=z9hG4bK{call_id}\r\nFrom: <sip:a@{A}>;tag=1\r\n"
        f"To: <sip:b@{B}>\r\nCall-ID: {call_id}\r\nCSeq: {cseq} {method}\r\n{typed}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def sdp(address: str, port: int, rtpmap: str = "8 PCMA/8000", payload_type: int = 8) -> str:
    kind = "IP6" if ":" in address else "IP4"
    return (
        f"v=0\r\no=- 1 1 IN {kind} {address}\r\ns=-\r\nc=IN {kind} {address}\r\nt=0 0\r\n"
        f"m=audio {port} RTP/AVP {payload_type}\r\na=rtpmap:{rtpmap}\r\n"
    )


def udp(payload: bytes, ports: tuple[int, int] = (5060, 5060)) -> bytes:
    return struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload


def tcp(payload: bytes, sequence: int, flags: int = 0x18, ports: tuple[int, int] = (5060, 5060)) -> bytes:
    return struct.pack("!HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, 0, 0x50, flags, 65535, 0, 0) + payload


def ip4(payload: bytes, protocol: int = 17, ends: tuple[str, str] = (A, B), *, identity: int = 0, fragment: int = 0) -> bytes:
    addresses = ip_address(ends[0]).packed + ip_address(ends[1]).packed
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), identity, fragment, 64, protocol, 0) + addresses + payload


def ip6(payload: bytes, protocol: int = 17, ends: tuple[str, str] = (A6, B6)) -> bytes:
    addresses = ip_address(ends[0]).packed + ip_address(ends[1]).packed
    return struct.pack("!IHBB", 0x60000000, len(payload), protocol, 64) + addresses + payload


def ethernet(payload: bytes, ethertype: int = 0x0800) -> bytes:
    return bytes(12) + struct.pack("!H", ethertype) + payload


def udp_frame(payload: bytes, ports: tuple[int, int] = (5060, 5060), ends: tuple[str, str] = (A, B)) -> bytes:
    """Ethernet, IPv4 or IPv6, UDP."""
    if ":" in ends[0]:
        return ethernet(ip6(udp(payload, ports), ends=ends), 0x86DD)
    return ethernet(ip4(udp(payload, ports), ends=ends))


def tcp_frame(payload: bytes, sequence: int, flags: int = 0x18, ports: tuple[int, int] = (5060, 5060)) -> bytes:
    return ethernet(ip4(tcp(payload, sequence, flags, ports), 6))


def rtp(
    sequence: int, stamp: int, *, payload_type: int = 8, ssrc: int = 0x1234, marker: bool = False, payload: bytes = bytes(160)
) -> bytes:
    head = struct.pack("!BBHII", 0x80, payload_type | marker << 7, sequence & 0xFFFF, stamp & 0xFFFFFFFF, ssrc)
    return head + payload


def pcap(
    packets: Iterable[Packet],
    *,
    link: int = ETHERNET,
    order: str = "<",
    magic: int = 0xA1B2C3D4,
    cut: int = 262144,
    version: tuple[int, int] = (2, 4),
    extra: int | None = None,
    original_first: bool = False,
) -> bytes:
    """A pcap file; times are seconds after START. magic chooses microseconds, nanoseconds or another form; extra: bytes behind
    each record's header."""
    units = 1_000_000_000 if magic in (0xA1B23C4D, 0x1C0001AC) or (version == (2, 2) and link == 6) else 1_000_000
    more = bytes(extra if extra is not None else 8 if magic == 0xA1B2CD34 else 0)
    found = [struct.pack(order + "IHHiIII", magic, *version, 0, 0, 262144, link) + (bytes(4) if magic in (0x1C0001AC, 0x1C0001AB) else b"")]
    for time, frame in packets:
        seconds = int(time)
        kept = frame[:cut]
        lengths = (len(frame), len(kept)) if original_first else (len(kept), len(frame))
        found.append(struct.pack(order + "IIII", START + seconds, round((time - seconds) * units), *lengths) + more + kept)
    return b"".join(found)


def snoop(packets: Iterable[Packet], *, link: int = 4, dropped: int = 0, padding: int = 0) -> bytes:
    """A snoop file (RFC 1761); records are padded to 32 bits, and by `padding` more, as Surveyor does. dropped: by the last packet."""
    found = [b"snoop\0\0\0" + struct.pack("!II", 2, link)]
    for time, frame in packets:
        seconds = int(time)
        kept = frame + bytes(-len(frame) % 4 + padding)
        size, drops = len(frame), dropped if found[1:] else 0
        found.append(struct.pack("!6I", size, size, 24 + len(kept), drops, START + seconds, round((time - seconds) * 1e6)) + kept)
    return b"".join(found)


def block(order: str, kind: int, body: bytes) -> bytes:
    """One pcapng block."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def option(order: str, code: int, value: bytes) -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def section(order: str) -> bytes:
    return block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))


def interface(order: str, link: int = ETHERNET, options: bytes = b"") -> bytes:
    return block(order, 1, struct.pack(order + "HHI", link, 0, 0) + options)


def enhanced(order: str, number: int, units: int, frame: bytes, original: int | None = None) -> bytes:
    head = struct.pack(order + "IIIII", number, units >> 32, units & 0xFFFFFFFF, len(frame), original or len(frame))
    return block(order, 6, head + frame)


Tables = dict[str, list[dict[str, Any]]]


def read(path: Path, content: bytes) -> Tables:
    """All rows of a capture with these bytes, by table."""
    path.write_bytes(content)
    return read_file(path)


def read_file(path: Path) -> Tables:
    tables: Tables = {}
    for batch in read_capture(path):
        batch.rows.validate(full=True)
        tables.setdefault(batch.table, []).extend(batch.rows.to_pylist())
    return tables


def call_ids(tables: Tables) -> list[str]:
    return [row["call_id"] for row in tables.get("message", [])]


def health(tables: Tables) -> dict[str, int]:
    return {row["check_name"]: row["amount"] for row in tables.get("capture_health", [])}
