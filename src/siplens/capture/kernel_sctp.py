"""SIP over SCTP (RFC 4168) in the compiled pass: packets with one message, whole in one chunk. What is not so simple is for tshark."""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, inner
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_sip import LINE_SIP, holds_version, start_line

_COMMON_HEADER, _DATA_HEADER = 12, 16
_DATA = 0
_WHOLE = 3
"""Flags of a chunk that both begins and ends a message (RFC 9260 3.3.1)."""


SCTP_NOTHING, SCTP_MESSAGE, SCTP_OTHER = range(3)
_PORTS = 5060, 5061


@inner
def sctp_content(m: Array, buf: Array) -> int:
    """What the SCTP packet between PAYLOAD and PAYLOAD_END is: one whole SIP message, which both bound then; nothing that may be SIP; or
    something that may be, such as parts of a message, or several."""
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    if p + _COMMON_HEADER > end:
        return SCTP_NOTHING
    m[k.SRC_PORT], m[k.DST_PORT] = be16(buf, p), be16(buf, p + 2)
    at, chunks, whole, begin, stop = p + _COMMON_HEADER, 0, 0, p, p
    while at + 4 <= end:
        size = be16(buf, at + 2)
        if size < 4 or at + size > end:
            break
        if buf[at] == _DATA and size > _DATA_HEADER:
            chunks += 1
            whole = buf[at + 1] & _WHOLE
            begin, stop = at + _DATA_HEADER, at + size
        at += (size + 3) // 4 * 4
    if chunks == 0:
        return SCTP_NOTHING
    if chunks == 1 and whole == _WHOLE and start_line(buf, begin, stop) == LINE_SIP:
        m[k.PAYLOAD], m[k.PAYLOAD_END] = begin, stop
        return SCTP_MESSAGE
    known = m[k.SRC_PORT] == _PORTS[0] or m[k.DST_PORT] == _PORTS[0] or m[k.SRC_PORT] == _PORTS[1] or m[k.DST_PORT] == _PORTS[1]
    return SCTP_OTHER if known or holds_version(buf, p, end) else SCTP_NOTHING
