"""SIP over WebSocket (RFC 7118), in the compiled pass: only how it begins; `websocket` takes the frames apart."""

from __future__ import annotations

from siplens.capture.kernel_bytes import be16, be32, inner
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_sip import LINE_SIP, start_line
from siplens.capture.kernel_text import line_end

_GET_, _HTTP, _SIP_ = 0x47455420, 0x48545450, 0x5349502F
"""First four bytes: "GET ", "HTTP", "SIP/"."""
_MAX_HANDSHAKE = 4096


@inner
def _names_sip(buf: Array, p: int, end: int) -> bool:
    """Whether the HTTP header fields in buf[p:end] hold Sec-WebSocket-Protocol with the word sip (RFC 7118 4)."""
    while p < end:
        stop = line_end(buf, p, end)
        # Letters 14 and 22 of the name, and its colon, in either case.
        if stop - p > 25 and (buf[p] | 32) == 0x73 and buf[p + 22] == 0x3A and (buf[p + 14] | 32) == 0x70 and (buf[p + 21] | 32) == 0x6C:
            for at in range(p + 23, stop - 2):
                if (buf[at] | 32) == 0x73 and (buf[at + 1] | 32) == 0x69 and (buf[at + 2] | 32) == 0x70:
                    return True
        p = stop + 1
    return False


@inner
def _looks_like_sip(first: int, second: int) -> bool:
    """Whether eight bytes, as two numbers, may begin a SIP message: "SIP/2.0 ", or capitals up to a space."""
    if first == _SIP_:
        return True
    capitals = 0
    for place in range(8):
        word = first if place < 4 else second
        c = word >> (24 - 8 * (place & 3)) & 255
        if c == 0x20:
            return capitals >= 3
        if c < 0x41 or c > 0x5A:
            return False
        capitals += 1
    return True


@inner
def websocket_begins(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is a handshake for SIP, or a WebSocket frame (RFC 6455 5.2) that begins a SIP message."""
    if p + 16 > end:
        return False
    word = be32(buf, p)
    if word == _GET_ or (word == _HTTP and be32(buf, p + 8) == 0x20313031):
        return _names_sip(buf, p, end if end < p + _MAX_HANDSHAKE else p + _MAX_HANDSHAKE)
    kind = buf[p] & 0x7F
    if kind != 1 and kind != 2:
        return False
    masked, size = buf[p + 1] >> 7, buf[p + 1] & 127
    q = p + 2
    if size == 126:
        size = be16(buf, q)
        q += 2
    elif size == 127:
        return False
    if size < 20:
        return False
    if masked == 0:
        return start_line(buf, q, end) == LINE_SIP
    if q + 12 > end:
        return False
    mask = be32(buf, q)
    return _looks_like_sip(be32(buf, q + 4) ^ mask, be32(buf, q + 8) ^ mask)
