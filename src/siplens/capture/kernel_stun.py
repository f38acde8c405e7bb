"""STUN and TURN in the compiled pass: what is a STUN message, and media that goes through a relay inside TURN.

Media through a relay is counted by the addresses of the packet that carries it: those of the client and of its TURN server. The peer
behind the server is named in a Send or Data indication, but not in ChannelData, and is not where this packet came from or goes.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, be32, inner
from siplens.capture.kernel_layout import Array

_COOKIE, _MS_COOKIE = 0x2112A442, 0x72C64BC6
_SEND_INDICATION, _DATA_INDICATION = 0x0016, 0x0017
"""RFC 8656 18."""
_MS_SEND_REQUEST, _MS_DATA_INDICATION = 0x0004, 0x0115
"""[MS-TURN] 2.2.1."""
_DATA = 0x0013


@inner
def _is_microsoft(buf: Array, p: int, size: int) -> bool:
    """Whether the cookie of Microsoft's TURN, of an earlier draft, is in the first attribute ([MS-TURN] 2.2.2.8)."""
    return bool(size >= 8 and be32(buf, p + 20) == 0x000F0004 and be32(buf, p + 24) == _MS_COOKIE)


@inner
def is_stun(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is a STUN message: with the magic cookie (RFC 8489 5), or a binding message of RFC 3489."""
    if p + 20 > end:
        return False
    size = be16(buf, p + 2)
    if p + 20 + size > end:
        return False
    if _is_microsoft(buf, p, size):
        # Its drafts do not say that data is padded to a multiple of four bytes.
        return True
    if size & 3:
        return False
    if be32(buf, p + 4) == _COOKIE:
        return True
    kind = be16(buf, p)
    return (kind == 0x0001 or kind == 0x0101 or kind == 0x0111) and p + 20 + size == end


@inner
def in_channel(m: Array, buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is ChannelData with RTP or RTCP, by their version; PAYLOAD and PAYLOAD_END then bound it."""
    if p + 8 > end or buf[p + 4] >> 6 != 2:
        return False
    # Four bytes before the data: channel and length; what follows is padding (RFC 8656 12.4).
    rest = end - p - 4 - be16(buf, p + 2)
    if rest < 0 or rest > 3:
        return False
    m[k.PAYLOAD], m[k.PAYLOAD_END], m[k.ABOUT_D] = p + 4, end - rest, k.IN_TURN
    return True


@inner
def in_indication(m: Array, buf: Array, p: int, end: int) -> bool:
    """Whether the STUN message at p hands RTP or RTCP, by their version, to a relay or on from it. PAYLOAD, PAYLOAD_END: as above."""
    kind, size = be16(buf, p), be16(buf, p + 2)
    if kind == _MS_SEND_REQUEST or kind == _MS_DATA_INDICATION:
        if not _is_microsoft(buf, p, size):
            return False
    elif kind != _SEND_INDICATION and kind != _DATA_INDICATION:
        return False
    stop = p + 20 + size
    at = p + 20
    while at + 4 <= stop:
        code, length = be16(buf, at), be16(buf, at + 2)
        at += 4
        if code == _DATA:
            if length == 0 or at + length > stop or buf[at] >> 6 != 2:
                return False
            m[k.PAYLOAD], m[k.PAYLOAD_END], m[k.ABOUT_D] = at, at + length, k.IN_TURN
            return True
        at += (length + 3) // 4 * 4
    return False
