"""Bytes of Ethernet, VLAN, IPv4, IPv6, UDP, TCP and ICMP, with right lengths and checksums (RFC 1071)."""

from __future__ import annotations

import struct

from trace_writer.hosts import Endpoint, Host

UDP, TCP, ICMP, ICMPV6 = 17, 6, 1, 58
FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10
MTU = 1500


def checksum(*parts: bytes) -> int:
    """Internet checksum over the parts joined, 16 bits."""
    data = b"".join(parts)
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return int(~total & 0xFFFF)


def _pseudo(src: Host, dst: Host, protocol: int, length: int) -> bytes:
    if len(src.packed) == 16:
        return src.packed + dst.packed + struct.pack("!IHBB", length, 0, 0, protocol)
    return src.packed + dst.packed + struct.pack("!BBH", 0, protocol, length)


def udp(src: Endpoint, dst: Endpoint, payload: bytes) -> bytes:
    """A UDP datagram with its checksum."""
    length = 8 + len(payload)
    header = struct.pack("!HHH", src[1], dst[1], length)
    total = checksum(_pseudo(src[0], dst[0], UDP, length), header, b"\0\0", payload)
    return header + struct.pack("!H", total or 0xFFFF) + payload


def tcp(src: Endpoint, dst: Endpoint, seq: int, ack: int, flags: int, payload: bytes) -> bytes:
    """A TCP segment with its checksum; a SYN carries the MSS option."""
    options = struct.pack("!BBH", 2, 4, 1460) if flags & SYN else b""
    offset = (20 + len(options)) // 4 << 4
    seq, ack = seq & 0xFFFFFFFF, ack & 0xFFFFFFFF
    header = struct.pack("!HHIIBBHHH", src[1], dst[1], seq, ack, offset, flags, 64240, 0, 0) + options
    total = checksum(_pseudo(src[0], dst[0], TCP, len(header) + len(payload)), header, payload)
    return header[:16] + struct.pack("!H", total) + header[18:] + payload


def icmp_error(reporter: Host, to: Host, kind: int, code: int, quoted: bytes) -> bytes:
    """An ICMP or ICMPv6 error that quotes the packet it is about: its IP header and eight bytes more."""
    if len(reporter.packed) == 16:
        body = struct.pack("!BBHI", kind, code, 0, 0) + quoted[:48]
        total = checksum(_pseudo(reporter, to, ICMPV6, len(body)), body)
    else:
        body = struct.pack("!BBHI", kind, code, 0, 0) + quoted[:28]
        total = checksum(body)
    return body[:2] + struct.pack("!H", total) + body[4:]


def ip(src: Host, dst: Host, protocol: int, payload: bytes, ident: int) -> list[bytes]:
    """One IP packet, or its fragments where the payload is longer than the MTU of 1,500 bytes allows."""
    if len(src.packed) == 16:
        return _ipv6(src, dst, protocol, payload, ident)
    room = (MTU - 20) // 8 * 8
    pieces = [payload[start : start + room] for start in range(0, len(payload), room)] or [b""]
    packets = []
    for number, piece in enumerate(pieces):
        more = 0x2000 if number < len(pieces) - 1 else 0
        flags = more | number * room // 8 if len(pieces) > 1 else 0x4000
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(piece), ident & 0xFFFF, flags, 64, protocol, 0)
        header += src.packed + dst.packed
        packets.append(header[:10] + struct.pack("!H", checksum(header)) + header[12:] + piece)
    return packets


def _ipv6(src: Host, dst: Host, protocol: int, payload: bytes, ident: int) -> list[bytes]:
    if len(payload) <= MTU - 40:
        return [struct.pack("!IHBB", 6 << 28, len(payload), protocol, 64) + src.packed + dst.packed + payload]
    room = (MTU - 48) // 8 * 8
    packets = []
    for start in range(0, len(payload), room):
        piece = payload[start : start + room]
        more = 1 if start + room < len(payload) else 0
        fragment = struct.pack("!BBHI", protocol, 0, start | more, ident) + piece
        header = struct.pack("!IHBB", 6 << 28, len(fragment), 44, 64)
        packets.append(header + src.packed + dst.packed + fragment)
    return packets


def ethernet(src: Host, dst: Host, packet: bytes, vlan: int | None) -> bytes:
    """An Ethernet frame, with an 802.1Q tag where `vlan` is given. Short frames are padded to 60 bytes."""
    tag = b"" if vlan is None else struct.pack("!HH", 0x8100, vlan)
    kind = 0x86DD if packet[0] >> 4 == 6 else 0x0800
    return (dst.mac + src.mac + tag + struct.pack("!H", kind) + packet).ljust(60, b"\0")
