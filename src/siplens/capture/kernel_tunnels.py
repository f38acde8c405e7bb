"""Headers of tunnels between one network layer and the next, in the compiled pass: one small function each.

Each gets where its header begins and gives (next layer, its start): an EtherType, or one of the values below.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, be32, be64, inner
from siplens.capture.kernel_layout import Array

IP_LAYER = 0
"""IPv4 or IPv6, told by its first four bits."""
NO_LAYER = -1
ETHERNET_LAYER = 0x6558
_MAPPED = 0xFFFF00000000
_GTP_U, _VXLAN, _VXLAN_OF_LINUX, _GENEVE = 2152, 4789, 8472, 6081
"""Linux sends VXLAN to 8472 where nobody tells it otherwise."""
_HEP3 = 0x48455033
HEP_NONE, HEP_DATAGRAM, HEP_OTHER, HEP_PACKED = range(4)
"""HEP_OTHER: not UDP carried it; ABOUT_A says what. HEP_PACKED: its payload is compressed."""


@inner
def gre(buf: Array, p: int, end: int) -> tuple[int, int]:
    """Behind a GRE header, version 0 or 1 (RFC 2784, 2890, 2637), and ERSPAN of type I, II or III inside it."""
    if p + 4 > end:
        return NO_LAYER, p
    flags, kind = be16(buf, p), be16(buf, p + 2)
    if flags & 0x4000:
        return NO_LAYER, p
    p += 4 + (4 if flags & 0x8000 else 0) + (4 if flags & 0x2000 else 0) + (4 if flags & 0x1000 else 0)
    if flags & 7 == 1:
        p += 4 if flags & 0x0080 else 0
    if kind == 0x88BE:
        # Type I has no header (no sequence number), type II has 8 bytes.
        return ETHERNET_LAYER, p + (8 if flags & 0x1000 else 0)
    if kind == 0x22EB:
        # Type III: 12 bytes, 8 more where the lowest bit says so; frame type 0 is Ethernet, 2 is IP.
        if p + 12 > end:
            return NO_LAYER, p
        what = be16(buf, p + 10)
        return IP_LAYER if what >> 10 & 31 == 2 else ETHERNET_LAYER, p + (20 if what & 1 else 12)
    return kind, p


@inner
def _gtp(buf: Array, p: int, end: int) -> tuple[int, int]:
    """Behind a GTP-U header that carries a user packet (3GPP TS 29.281 5.1)."""
    if p + 12 > end or buf[p] >> 4 != 3 or buf[p + 1] != 255:
        return NO_LAYER, p
    flags = buf[p]
    if flags & 7 == 0:
        return IP_LAYER, p + 8
    extension = buf[p + 11] if flags & 4 else 0
    p += 12
    while extension != 0:
        if p + 4 > end or buf[p] == 0:
            return NO_LAYER, p
        p += buf[p] * 4
        if p > end:
            return NO_LAYER, p
        extension = buf[p - 1]
    return IP_LAYER, p


@inner
def in_datagram(buf: Array, p: int, end: int, source: int, target: int) -> tuple[int, int]:
    """Behind the header of a tunnel over UDP that these ports name: GTP-U, VXLAN (RFC 7348), Geneve (RFC 8926)."""
    if target == _GTP_U or source == _GTP_U:
        return _gtp(buf, p, end)
    if (target == _VXLAN or target == _VXLAN_OF_LINUX) and p + 8 <= end and buf[p] == 8:
        return ETHERNET_LAYER, p + 8
    if target == _GENEVE and p + 8 <= end and buf[p] >> 6 == 0:
        return be16(buf, p + 2), p + 8 + (buf[p] & 63) * 4
    return NO_LAYER, p


@inner
def _leads_on(buf: Array, p: int, end: int) -> bool:
    """Whether the Ethernet header at p names a protocol that leads to IP."""
    if p + 14 > end:
        return False
    kind = be16(buf, p + 12)
    return kind == 0x0800 or kind == 0x86DD or kind == 0x8100 or kind == 0x88A8 or kind == 0x8847 or kind == 0x8864


@inner
def mpls(buf: Array, p: int, end: int) -> tuple[int, int]:
    """Behind an MPLS label stack: IP, or Ethernet with or without a control word (RFC 3032, RFC 4448)."""
    while p + 4 <= end:
        bottom = buf[p + 2] & 1
        p += 4
        if bottom:
            if p < end and buf[p] >> 4 != 4 and buf[p] >> 4 != 6:
                if buf[p] >> 4 == 0 and _leads_on(buf, p + 4, end):
                    return ETHERNET_LAYER, p + 4
                if _leads_on(buf, p, end):
                    return ETHERNET_LAYER, p
            return IP_LAYER, p
    return NO_LAYER, p


@inner
def _hep3(m: Array, buf: Array, p: int, end: int) -> int:
    """Take addresses, ports and payload out of the chunks of a HEP3 packet; vendor 0, types 2 to 8 and 15."""
    stop = p + be16(buf, p + 4)
    if stop > end:
        return HEP_NONE
    begin, protocol, found, packed = p, 17, False, False
    p += 6
    while p + 6 <= stop:
        vendor, kind, size = be16(buf, p), be16(buf, p + 2), be16(buf, p + 4)
        if size < 6 or p + size > stop:
            return HEP_NONE
        at = p + 6
        if vendor == 0:
            if kind == 2 and size == 7:
                protocol = buf[at] * 1
            elif (kind == 3 or kind == 4) and size == 10:
                place = k.SRC_HI if kind == 3 else k.DST_HI
                m[place], m[place + 1] = 0, _MAPPED + be32(buf, at)
            elif (kind == 5 or kind == 6) and size == 22:
                place = k.SRC_HI if kind == 5 else k.DST_HI
                m[place], m[place + 1] = be64(buf, at), be64(buf, at + 8)
            elif (kind == 7 or kind == 8) and size == 8:
                m[k.SRC_PORT if kind == 7 else k.DST_PORT] = be16(buf, at)
            elif kind == 15:
                found = True
                m[k.PAYLOAD], m[k.PAYLOAD_END] = at, p + size
            elif kind == 16:
                packed = True
        p += size
    if packed and not found:
        m[k.PAYLOAD], m[k.PAYLOAD_END] = begin, stop
        return HEP_PACKED
    if not found:
        return HEP_NONE
    m[k.ABOUT_A] = protocol
    return HEP_DATAGRAM if protocol == 17 else HEP_OTHER


@inner
def hep_begins(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] begins with a HEP3 header, as far as it goes; the same as `hep.begins`."""
    if p + 4 > end or be32(buf, p) != _HEP3:
        return False
    size = be16(buf, p + 4) if p + 6 <= end else 65_535
    chunk = be16(buf, p + 10) if p + 12 <= end else 6
    return size >= 12 and chunk >= 6 and chunk <= size - 6


@inner
def hep_within(buf: Array, p: int, end: int) -> bool:
    """Whether a HEP3 header stands in buf[p:end] beyond doubt: its first chunk is small and no vendor's own; the same as `hep.find`."""
    for at in range(p, end - 11):
        if buf[at] == 0x48 and be32(buf, at) == _HEP3:
            kind, size = be32(buf, at + 6), be16(buf, at + 10)
            if kind >= 1 and kind <= 18 and size >= 7 and size <= 22:
                return True
    return False


@inner
def hep(m: Array, buf: Array, p: int, end: int) -> int:
    """HEP_DATAGRAM or HEP_OTHER where buf[p:end] is a copy that a capture agent sent in HEP, versions 1 to 3.

    Addresses, ports and payload are then those of the packet it copied. HEP_PACKED: the payload is the whole HEP packet.
    """
    if p + 18 > end:
        return HEP_NONE
    if be32(buf, p) == _HEP3:
        return _hep3(m, buf, p, end)
    version, size, family = buf[p], buf[p + 1] * 1, buf[p + 2]
    if version == 0 or version > 2 or (family != 2 and family != 10 and family != 23 and family != 30):
        return HEP_NONE
    # Version 2 has 12 more bytes: time and agent.
    if size != (16 if family == 2 else 40) + (12 if version == 2 else 0) or p + size >= end:
        return HEP_NONE
    protocol = buf[p + 3]
    if protocol != 17 and protocol != 6:
        return HEP_NONE
    m[k.SRC_PORT], m[k.DST_PORT] = be16(buf, p + 4), be16(buf, p + 6)
    if family == 2:
        m[k.SRC_HI], m[k.SRC_LO] = 0, _MAPPED + be32(buf, p + 8)
        m[k.DST_HI], m[k.DST_LO] = 0, _MAPPED + be32(buf, p + 12)
    else:
        m[k.SRC_HI], m[k.SRC_LO] = be64(buf, p + 8), be64(buf, p + 16)
        m[k.DST_HI], m[k.DST_LO] = be64(buf, p + 24), be64(buf, p + 32)
    m[k.PAYLOAD], m[k.PAYLOAD_END] = p + size, end
    m[k.ABOUT_A] = protocol
    return HEP_DATAGRAM if protocol == 17 else HEP_OTHER
