"""From a frame's first byte to its transport payload: link headers, tags, tunnels, IPv4 and IPv6 with extension headers.

`network` notes addresses, ports and payload in `m` and returns what it found. Tunnels are opened on the way; the
innermost addresses count, as in Wireshark's columns.
"""

from __future__ import annotations

from siplens.capture.kernel_bytes import be16, be32, be64, inner
from siplens.capture.kernel_layout import (
    ABOUT_A,
    ABOUT_B,
    DST_HI,
    DST_LO,
    DST_PORT,
    HEADER,
    LINK_ERF,
    LINK_ETHERTYPE,
    LINK_IP,
    LINK_PPP,
    PACKET_END,
    PAYLOAD,
    PAYLOAD_END,
    SPACE_ETHERTYPE,
    SPACE_IP,
    SRC_HI,
    SRC_LO,
    SRC_PORT,
    Array,
)
from siplens.capture.kernel_tunnels import ETHERNET_LAYER as _ETHERNET
from siplens.capture.kernel_tunnels import HEP_OTHER, HEP_PACKED, gre, hep, in_datagram, mpls
from siplens.capture.kernel_tunnels import IP_LAYER as _IP
from siplens.capture.kernel_tunnels import NO_LAYER as _END

NOTHING, UDP, TCP, ICMP, ICMP6, FRAGMENT, COPIED, PACKED, UNOPENED = range(9)
"""COPIED: a HEP packet with what not UDP but ABOUT_A carried. PACKED: a HEP packet that is compressed.
UNOPENED: nothing that is opened here; ABOUT_A and ABOUT_B say what, and PAYLOAD where it
begins behind an IP header."""

_PPP = 0x880B
_MAPPED = 0xFFFF00000000
_MAX_LAYERS = 24


@inner
def _ppp(buf: Array, p: int, end: int) -> tuple[int, int]:
    """(next layer, its start) behind a PPP protocol field, perhaps with address and control before it (RFC 1661, 1662)."""
    if p + 2 <= end and buf[p] == 0xFF and buf[p + 1] == 0x03:
        p += 2
    if p + 2 > end:
        return _END, p
    if buf[p] == 0x21 or buf[p] == 0x57:
        return _IP, p + 1
    number = be16(buf, p)
    if number == 0x0021 or number == 0x0057:
        return _IP, p + 2
    if number == 0x0281:
        return 0x8847, p + 2
    return _END, p


@inner
def _erf(buf: Array, p: int, end: int) -> tuple[int, int]:
    """(next layer, its start) in an Extensible Record Format frame: 16 bytes, extension headers, then by record type."""
    if p + 16 > end:
        return _END, p
    kind = buf[p + 8] & 0x7F
    more = buf[p + 8] & 0x80
    p += 16
    while more and p + 8 <= end:
        more = buf[p] & 0x80
        p += 8
    if kind == 2 or kind == 11 or kind == 16 or kind == 20:
        return _ETHERNET, p + 2
    if kind == 22 or kind == 23:
        return _IP, p
    return _END, p


@inner
def _link(buf: Array, p: int, end: int, form: int, at: int, length: int) -> tuple[int, int]:
    """(next layer, its start) of a frame with the given link type."""
    if p + length > end:
        return _END, p
    if form == LINK_IP:
        return _IP, p + length
    if form == LINK_ETHERTYPE:
        return be16(buf, p + at), p + length
    if form == LINK_PPP:
        return _ppp(buf, p + length, end)
    if form == LINK_ERF:
        return _erf(buf, p, end)
    return _END, p


@inner
def _below_ip(buf: Array, layer: int, p: int, end: int) -> tuple[int, int]:
    """(next layer, its start) of a tag or header that lies between link and IP."""
    if layer == 0x8100 or layer == 0x88A8 or layer == 0x9100 or layer == 0x9200:
        if p + 4 > end:
            return _END, p
        return be16(buf, p + 2), p + 4
    if layer == 0x8847 or layer == 0x8848:
        return mpls(buf, p, end)
    if layer == 0x8864:
        return _ppp(buf, p + 6, end)
    if layer == _PPP:
        return _ppp(buf, p, end)
    if layer == _ETHERNET:
        if p + 14 > end:
            return _END, p
        return be16(buf, p + 12), p + 14
    if layer == 0x88E5 and p + 16 <= end and buf[p] & 0x0C == 0:
        # MACsec that authenticates and does not encrypt: 6 bytes, 8 more where a channel is named (IEEE 802.1AE 9.3).
        p += 14 if buf[p] & 0x20 else 6
        return be16(buf, p), p + 2
    if layer == 0x8909 and p + 8 <= end:
        # Cisco's metadata: version, length, a security group tag.
        return be16(buf, p + 6), p + 8
    if layer == 0x8926 and p + 6 <= end:
        # VN-Tag, between switch and virtual machine.
        return be16(buf, p + 4), p + 6
    if layer <= 1500 and p + 8 <= end and buf[p + 2] == 3:
        # IEEE 802.3 with a length instead of a type: LLC, then SNAP (RFC 1042) or IP itself.
        if buf[p] == 0xAA and buf[p + 1] == 0xAA:
            return be16(buf, p + 6), p + 8
        if buf[p] == 6 and buf[p + 1] == 6:
            return _IP, p + 3
    return _END, p


@inner
def _ipv6_chain(buf: Array, p: int, end: int, kind: int) -> tuple[int, int]:
    """(protocol, its start) behind IPv6 extension headers (RFC 8200 4); protocol 44 where the packet is a fragment."""
    for _ in range(_MAX_LAYERS):
        if kind == 0 or kind == 43 or kind == 60 or kind == 135 or kind == 139 or kind == 140:
            if p + 8 > end:
                return 59, p
            kind, p = buf[p] * 1, p + 8 + buf[p + 1] * 8
        elif kind == 51:
            if p + 8 > end:
                return 59, p
            kind, p = buf[p] * 1, p + 8 + buf[p + 1] * 4
        elif kind == 44:
            if p + 8 > end:
                return 59, p
            if be16(buf, p + 2) & 0xFFF9:
                return 44, p
            kind, p = buf[p] * 1, p + 8
        else:
            return kind, p
    return 59, p


@inner
def network(m: Array, buf: Array, p: int, end: int, form: int, at: int, length: int) -> int:
    """Find the transport layer of the frame buf[p:end]; fill the packet columns of `m`; return what it is, UDP to UNOPENED.

    For FRAGMENT, HEADER and PACKET_END bound the whole IP packet; for ICMP and ICMP6, PAYLOAD is the ICMP header.
    """
    layer, p = _link(buf, p, end, form, at, length)
    for _ in range(_MAX_LAYERS):
        if layer == _END or p >= end:
            return NOTHING
        if layer == 0x0800 or layer == 0x86DD or (layer == _IP and (buf[p] & 0xF0 == 0x40 or buf[p] & 0xF0 == 0x60)):
            version = buf[p] >> 4
            m[HEADER] = p
            if version == 4:
                if p + 20 > end:
                    return NOTHING
                header, total = (buf[p] & 15) * 4, be16(buf, p + 2)
                if header < 20:
                    return NOTHING
                # Total length 0: segmentation offload on the capturing machine; the frame's end counts.
                if total >= header:
                    end = p + total if p + total < end else end
                elif total != 0:
                    return NOTHING
                m[SRC_HI] = 0
                m[SRC_LO] = _MAPPED + be32(buf, p + 12)
                m[DST_HI] = 0
                m[DST_LO] = _MAPPED + be32(buf, p + 16)
                kind = buf[p + 9] * 1
                m[PACKET_END] = end
                if be16(buf, p + 6) & 0x3FFF:
                    m[PAYLOAD] = p + header
                    return FRAGMENT
                p += header
            elif version == 6:
                if p + 40 > end:
                    return NOTHING
                total = be16(buf, p + 4)
                if total != 0:
                    end = p + 40 + total if p + 40 + total < end else end
                m[SRC_HI] = be64(buf, p + 8)
                m[SRC_LO] = be64(buf, p + 16)
                m[DST_HI] = be64(buf, p + 24)
                m[DST_LO] = be64(buf, p + 32)
                m[PACKET_END] = end
                kind, p = _ipv6_chain(buf, p + 40, end, buf[p + 6] * 1)
                if kind == 44:
                    m[PAYLOAD] = p
                    return FRAGMENT
            else:
                return NOTHING
            while kind == 51 and version == 4 and p + 12 <= end:
                # IPsec's authentication header changes nothing behind it (RFC 4302 2); in IPv6 it is one of the chain.
                kind, p = buf[p] * 1, p + 8 + buf[p + 1] * 4
            if kind == 17 or kind == 136:
                if p + 8 > end:
                    return NOTHING
                # UDP-Lite has the part that its checksum covers where UDP has the length (RFC 3828 3.1).
                size = be16(buf, p + 4) if kind == 17 else 0
                if size < 8 and size != 0:
                    return NOTHING
                m[SRC_PORT], m[DST_PORT] = be16(buf, p), be16(buf, p + 2)
                m[PAYLOAD] = p + 8
                m[PAYLOAD_END] = end if size == 0 or p + size > end else p + size
                within, start = in_datagram(buf, p + 8, end, m[SRC_PORT], m[DST_PORT])
                if within == _END:
                    copied = hep(m, buf, p + 8, m[PAYLOAD_END])
                    if copied == HEP_PACKED:
                        return PACKED
                    return COPIED if copied == HEP_OTHER else UDP
                layer, p = within, start
            elif kind == 6:
                if p + 20 > end:
                    return NOTHING
                header = (buf[p + 12] >> 4) * 4
                if header < 20 or p + header > end:
                    return NOTHING
                m[SRC_PORT], m[DST_PORT] = be16(buf, p), be16(buf, p + 2)
                m[HEADER] = p
                m[PAYLOAD], m[PAYLOAD_END] = p + header, end
                return TCP
            elif kind == 1 or kind == 58:
                m[PAYLOAD], m[PAYLOAD_END] = p, end
                return ICMP if kind == 1 else ICMP6
            elif kind == 4 or kind == 41:
                layer = _IP
            elif kind == 47:
                layer, p = gre(buf, p, end)
            elif kind == 137:
                layer = 0x8847
            else:
                m[ABOUT_A], m[ABOUT_B] = SPACE_IP, kind
                m[PAYLOAD], m[PAYLOAD_END] = p, end
                return UNOPENED
        else:
            below, start = _below_ip(buf, layer, p, end)
            if below == _END:
                m[ABOUT_A], m[ABOUT_B] = SPACE_ETHERTYPE, layer
                return UNOPENED
            layer, p = below, start
    return NOTHING
