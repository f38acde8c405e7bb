"""Packets with pseudonyms: every header's addresses replaced, payloads rewritten, checksums made right. Their lengths stay.

First every packet is learnt, so that segments and fragments are seen as the stream and datagram they belong to; then each is
rewritten. A packet with a part that is not understood (another link type, a tunnel that is not listed, TLS) is left out: nobody can
say what it would tell.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from siplens.capture.redact_payload import redact_datagram
from siplens.capture.redact_stream import Streams
from siplens.capture.selection import Packet
from siplens.sip.redact_words import Words

_IPV4, _IPV6, _ARP, _BRIDGED = 0x0800, 0x86DD, 0x0806, 0x6558
_PPPOE, _MPLS = 0x8864, 0x8847
_PPP_KINDS = {0x0021: _IPV4, 0x0057: _IPV6}
_VLANS = frozenset({0x8100, 0x88A8, 0x9100})
_VXLAN_PORT, _GTP_PORT = 4789, 2152
_UDP, _TCP, _ICMP, _ICMP6, _GRE, _IPIP, _IP6 = 17, 6, 1, 58, 47, 4, 41
_EXTENSIONS = frozenset({0, 43, 60})
_FRAGMENT = 44


class _NotUnderstoodError(Exception):
    """A packet whose content cannot be told."""


@dataclass(slots=True)
class _Datagram:
    """Fragments of one IP datagram by offset, and what they carry together, rewritten."""

    parts: dict[int, bytes] = field(default_factory=dict)
    whole: int | None = None
    changed: bytes | None = None


class PacketRedactor:
    """Rewrites the packets of one capture. Give every packet to `learn`, then every packet to `change`."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._pseudonyms = words.pseudonyms
        self._streams = Streams(words)
        self._datagrams: dict[tuple[bytes, bytes, int, int], _Datagram] = {}
        self._learning = True

    def learn(self, packet: Packet) -> None:
        """Takes what is needed of a packet to rewrite others."""
        self._learning = True
        self._run(packet)

    def change(self, packet: Packet) -> Packet | None:
        """The packet with pseudonyms; None where it is left out."""
        self._learning = False
        content = self._run(packet)
        return None if content is None else packet._replace(content=content)

    def _run(self, packet: Packet) -> bytes | None:
        buffer = bytearray(packet.content)
        try:
            self._link(buffer, packet.link)
        except (_NotUnderstoodError, IndexError, struct.error):
            return None
        return bytes(buffer)

    def _link(self, b: bytearray, link: int) -> None:
        if link == 1:
            self._ethernet(b, 0, len(b))
        elif link == 113:
            self._sll_address(b, 6, 4)
            self._network(b, _u16(b, 14), 16, len(b))
        elif link == 276:
            self._sll_address(b, 12, 11)
            self._network(b, _u16(b, 0), 20, len(b))
        elif link in (12, 14, 101, 228, 229):
            self._ip(b, 0, len(b))
        elif link in (0, 108):
            self._ip(b, 4, len(b))
        else:
            raise _NotUnderstoodError

    def _sll_address(self, b: bytearray, at: int, length_at: int) -> None:
        length = b[length_at + 1] if length_at == 4 else b[length_at]
        if length == 6:
            b[at : at + 6] = self._pseudonyms.mac(bytes(b[at : at + 6]))
        else:
            b[at : at + 8] = bytes(8)

    def _ethernet(self, b: bytearray, at: int, end: int) -> None:
        for place in (at, at + 6):
            b[place : place + 6] = self._pseudonyms.mac(bytes(b[place : place + 6]))
        kind, at = _u16(b, at + 12), at + 14
        while kind in _VLANS:
            kind, at = _u16(b, at + 2), at + 4
        self._network(b, kind, at, end)

    def _network(self, b: bytearray, kind: int, at: int, end: int) -> None:
        if kind in (_IPV4, _IPV6):
            self._ip(b, at, end)
        elif kind == _BRIDGED:
            self._ethernet(b, at, end)
        elif kind == _PPPOE:
            self._network(b, _PPP_KINDS.get(_u16(b, at + 6), 0), at + 8, end)
        elif kind == _MPLS:
            while not b[at + 2] & 1:  # the bottom of the stack (RFC 3032 2.1)
                at += 4
            self._ip(b, at + 4, end)
        else:
            raise _NotUnderstoodError

    def _ip(self, b: bytearray, at: int, end: int) -> None:
        if b[at] >> 4 == 4:
            self._ipv4(b, at, end)
        elif b[at] >> 4 == 6:
            self._ipv6(b, at, end)
        else:
            raise _NotUnderstoodError

    def _ipv4(self, b: bytearray, at: int, end: int) -> None:
        head = 4 * (b[at] & 15)
        size = _u16(b, at + 2)
        last = min(end, at + size) if size else end
        self._zero(b, last, end)
        protocol, flags = b[at + 9], _u16(b, at + 6)
        source, target = bytes(b[at + 12 : at + 16]), bytes(b[at + 16 : at + 20])
        b[at + 12 : at + 16], b[at + 16 : at + 20] = self._pseudonyms.packed(source), self._pseudonyms.packed(target)
        if head > 20:
            b[at + 20 : at + head] = b"\x01" * (head - 20)  # options may record routes: no-operation instead
        pseudo = bytes(b[at + 12 : at + 20]) + struct.pack(">BB", 0, protocol)
        if flags & 0x3FFF:
            key = (source, target, protocol, _u16(b, at + 4))
            self._fragment(b, at + head, last, key, 8 * (flags & 0x1FFF), more=bool(flags & 0x2000), pseudo=pseudo)
        else:
            self._transport(b, at + head, last, protocol, (source, target), pseudo)
        b[at + 10 : at + 12] = b"\0\0"
        b[at + 10 : at + 12] = _checksum(bytes(b[at : at + head]))

    def _ipv6(self, b: bytearray, at: int, end: int) -> None:
        size = _u16(b, at + 4)
        last = min(end, at + 40 + size) if size else end
        self._zero(b, last, end)
        source, target = bytes(b[at + 8 : at + 24]), bytes(b[at + 24 : at + 40])
        b[at + 8 : at + 24], b[at + 24 : at + 40] = self._pseudonyms.packed(source), self._pseudonyms.packed(target)
        protocol, place = b[at + 6], at + 40
        while protocol in _EXTENSIONS:
            length = 8 * (b[place + 1] + 1)
            if protocol == 43:
                raise _NotUnderstoodError  # a routing header names further addresses
            protocol, place = b[place], place + length
        pseudo = bytes(b[at + 8 : at + 40]) + struct.pack(">BB", 0, protocol)
        if protocol == _FRAGMENT:
            protocol, where = b[place], _u16(b, place + 2)
            key = (source, target, protocol, int.from_bytes(b[place + 4 : place + 8], "big"))
            pseudo = pseudo[:-1] + bytes([protocol])
            self._fragment(b, place + 8, last, key, where & 0xFFF8, more=bool(where & 1), pseudo=pseudo)
        else:
            self._transport(b, place, last, protocol, (source, target), pseudo)

    @staticmethod
    def _zero(b: bytearray, at: int, end: int) -> None:
        """Padding behind a packet may hold anything."""
        if end > at:
            b[at:end] = bytes(end - at)

    def _fragment(
        self, b: bytearray, at: int, end: int, key: tuple[bytes, bytes, int, int], offset: int, *, more: bool, pseudo: bytes
    ) -> None:  # fmt: skip
        datagram = self._datagrams.setdefault(key, _Datagram())
        if self._learning:
            datagram.parts[offset] = bytes(b[at:end])
            if not more:
                datagram.whole = offset + end - at
            return
        if datagram.changed is None:
            datagram.changed = self._whole(datagram, key, pseudo)
        b[at:end] = datagram.changed[offset : offset + end - at]

    def _whole(self, datagram: _Datagram, key: tuple[bytes, bytes, int, int], pseudo: bytes) -> bytes:
        joined = bytearray()
        for offset, part in sorted(datagram.parts.items()):
            if offset > len(joined):
                raise _NotUnderstoodError
            joined[offset : offset + len(part)] = part
        if datagram.whole != len(joined):
            raise _NotUnderstoodError
        self._transport(joined, 0, len(joined), key[2], key[:2], pseudo)
        return bytes(joined)

    def _transport(self, b: bytearray, at: int, end: int, protocol: int, ends: tuple[bytes, bytes], pseudo: bytes) -> None:
        if protocol == _UDP:
            self._udp(b, at, end, pseudo)
        elif protocol == _TCP:
            self._tcp(b, at, end, ends, pseudo)
        elif protocol in (_ICMP, _ICMP6):
            self._icmp(b, at, end, pseudo if protocol == _ICMP6 else None)
        elif protocol in (_IPIP, _IP6):
            self._ip(b, at, end)
        elif protocol == _GRE:
            self._gre(b, at, end)
        else:
            raise _NotUnderstoodError

    def _udp(self, b: bytearray, at: int, end: int, pseudo: bytes) -> None:
        end = min(end, at + max(8, _u16(b, at + 4)))
        ports = {_u16(b, at), _u16(b, at + 2)}
        start = at + 8
        if _VXLAN_PORT in ports and b[start] & 8:
            self._ethernet(b, start + 8, end)
        elif _GTP_PORT in ports and b[start] >> 5 == 1 and b[start + 1] == 255:
            if b[start] & 4:
                raise _NotUnderstoodError  # extension headers
            self._ip(b, start + (12 if b[start] & 3 else 8), end)
        elif not self._learning:
            b[start:end] = redact_datagram(bytes(b[start:end]), self._words)
        if _u16(b, at + 6):
            _put_checksum(b, at, end, at + 6, pseudo, never_zero=True)

    def _tcp(self, b: bytearray, at: int, end: int, ends: tuple[bytes, bytes], pseudo: bytes) -> None:
        start = at + 4 * (b[at + 12] >> 4)
        way = (ends[0], _u16(b, at), ends[1], _u16(b, at + 2))
        sequence = int.from_bytes(b[at + 4 : at + 8], "big") + (1 if b[at + 13] & 2 else 0)
        if self._learning:
            self._streams.learn(way, sequence, bytes(b[start:end]))
        elif end > start:
            payload = self._streams.payload(way, sequence, end - start)
            if payload is None:
                raise _NotUnderstoodError
            b[start:end] = payload
        _put_checksum(b, at, end, at + 16, pseudo)

    def _icmp(self, b: bytearray, at: int, end: int, pseudo: bytes | None) -> None:
        """An error quotes the beginning of a packet: its headers are kept, what they carried is not. Others become zeros."""
        kinds = (1, 2, 3, 4) if pseudo is not None else (3, 4, 5, 11, 12)
        start = at + 8
        if b[at] in kinds and end - start >= 20:
            version = b[start] >> 4
            places, head = ((12, 16, 4), 4 * (b[start] & 15)) if version == 4 else ((8, 24, 16), 40)
            for place in places[:2]:
                b[start + place : start + place + places[2]] = self._pseudonyms.packed(bytes(b[start + place : start + place + places[2]]))
            if version == 4:
                b[start + 10 : start + 12] = b"\0\0"
                b[start + 10 : start + 12] = _checksum(bytes(b[start : start + head]))
            self._zero(b, min(end, start + head + 8), end)
            if b[start + (9 if version == 4 else 6)] == _UDP and end >= start + head + 8:
                b[start + head + 6 : start + head + 8] = b"\0\0"
        else:
            self._zero(b, start, end)
        _put_checksum(b, at, end, at + 2, pseudo)

    def _gre(self, b: bytearray, at: int, end: int) -> None:
        flags, kind = _u16(b, at), _u16(b, at + 2)
        if flags & 0x4007:
            raise _NotUnderstoodError  # routing, or another version
        head = 4 + sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
        self._network(b, kind, at + head, end)
        if flags & 0x8000:
            _put_checksum(b, at, end, at + 4, None)


def _u16(b: bytearray, at: int) -> int:
    if at + 2 > len(b):
        raise IndexError
    return b[at] << 8 | b[at + 1]


def _put_checksum(b: bytearray, at: int, end: int, place: int, pseudo: bytes | None, *, never_zero: bool = False) -> None:
    """Internet checksum over a segment or datagram; `pseudo`: addresses and protocol, before which its length goes (RFC 1071, 8200 8.1)."""
    if place + 2 > end:
        return
    b[place : place + 2] = b"\0\0"
    covered = (pseudo + struct.pack(">I", end - at) if pseudo is not None else b"") + bytes(b[at:end])
    made = _checksum(covered)
    b[place : place + 2] = b"\xff\xff" if never_zero and made == b"\0\0" else made


def _checksum(covered: bytes) -> bytes:
    if len(covered) % 2:
        covered += b"\0"
    total = sum(struct.unpack(f">{len(covered) // 2}H", covered))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return struct.pack(">H", ~total & 0xFFFF)
