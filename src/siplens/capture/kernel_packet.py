"""What one packet is for, in the compiled pass: SIP kept, RTP counted, a few kinds set aside for Python, the rest dropped.

Every function returns MORE, or why the pass must stop before this packet; then nothing of it was counted.
"""

from __future__ import annotations

from numba import njit

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, be32, hash5
from siplens.capture.kernel_layout import MORE, Array
from siplens.capture.kernel_network import FRAGMENT, ICMP, ICMP6, TCP, UDP, network
from siplens.capture.kernel_rtp import rtcp_chain, rtp_packet
from siplens.capture.kernel_sdp import announce
from siplens.capture.kernel_sip import LINE_OTHER, LINE_SIP, start_line, stream_text

_STUN_COOKIE = 0x2112A442
_UNDECIDED_SEGMENTS = 8
_SYN_FIN_RST = 7


@njit
def _note(m: Array, row: int, kind: int, start: int, length: int, time: int, offset: int) -> None:
    """Fill a row of MESSAGES or ASIDES from the packet at hand."""
    m[row + k.R_KIND] = kind
    m[row + k.R_START] = start
    m[row + k.R_LENGTH] = length
    m[row + k.R_FRAME] = m[k.FRAME]
    m[row + k.R_OFFSET] = offset
    m[row + k.R_TIME] = time
    m[row + k.R_SRC_HI] = m[k.SRC_HI]
    m[row + k.R_SRC_LO] = m[k.SRC_LO]
    m[row + k.R_DST_HI] = m[k.DST_HI]
    m[row + k.R_DST_LO] = m[k.DST_LO]
    m[row + k.R_SRC_PORT] = m[k.SRC_PORT]
    m[row + k.R_DST_PORT] = m[k.DST_PORT]


@njit
def _set_aside(m: Array, b: Array, buf: Array, p: int, end: int, kind: int, time: int, offset: int, about: tuple[int, int, int]) -> int:
    """Copy buf[p:end] out for Python; `about` fills R_A, R_B, R_C. DRAIN where there is no room."""
    start, size = m[k.ASIDE_USED], end - p
    if start + size > k.ASIDE_SIZE or m[k.ASIDES_USED] >= k.MAX_ASIDES:
        return k.DRAIN
    for at in range(size):
        b[k.ASIDE + start + at] = buf[p + at]
    row = k.ASIDES + m[k.ASIDES_USED] * k.ROW_COLUMNS
    _note(m, row, kind, start, size, time, offset)
    m[row + k.R_A], m[row + k.R_B], m[row + k.R_C] = about
    m[k.ASIDE_USED] = start + size
    m[k.ASIDES_USED] += 1
    return MORE


@njit
def _message(m: Array, b: Array, buf: Array, p: int, end: int, time: int, offset: int) -> int:
    """Keep the SIP message buf[p:end] of a datagram, and what it announces."""
    if m[k.PENDING] > 0:
        # Signalling that came before is to be understood before.
        return k.DRAIN
    if m[k.BINDINGS_USED] * 2 > m[k.BINDINGS_MASK] and m[k.BINDINGS_MASK] < m[k.MAX_BINDINGS]:
        return k.GROW_BINDINGS
    start, size = m[k.ARENA_USED], end - p
    if start + size > k.ARENA_SIZE or m[k.MESSAGES_USED] >= k.MAX_MESSAGES:
        return k.FLUSH
    for at in range(size):
        b[k.ARENA + start + at] = buf[p + at]
    _note(m, k.MESSAGES + m[k.MESSAGES_USED] * k.ROW_COLUMNS, k.KIND_UDP, start, size, time, offset)
    m[k.ARENA_USED] = start + size
    m[k.MESSAGES_USED] += 1
    announce(m, b, buf, p, end)
    return MORE


@njit
def _is_stun(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is a STUN message: with the magic cookie (RFC 8489 5), or a binding message of RFC 3489."""
    if p + 20 > end:
        return False
    size = be16(buf, p + 2)
    if size & 3 or p + 20 + size > end:
        return False
    if be32(buf, p + 4) == _STUN_COOKIE:
        return True
    kind = be16(buf, p)
    return (kind == 0x0001 or kind == 0x0101 or kind == 0x0111) and p + 20 + size == end


@njit
def _datagram(m: Array, x: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """What a UDP payload is, told by its first byte: media 128 to 191, STUN 0 to 3, SIP printable."""
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    if p >= end:
        return MORE
    first = buf[p]
    kind, counter = 0, 0
    if first >> 6 == 2:
        if p + 8 > end or buf[p + 1] < 192 or buf[p + 1] > 223:
            return rtp_packet(m, x, buf, p, end, time)
        if rtcp_chain(buf, p, end):
            kind, counter = k.KIND_RTCP, k.RTCP_SEEN
    elif first < 4:
        if _is_stun(buf, p, end):
            kind, counter = k.KIND_STUN, k.STUN_SEEN
    elif first > 0x20 and first < 0x7F and start_line(buf, p, end) == LINE_SIP:
        return _message(m, b, buf, p, end, time, offset)
    if kind == 0:
        return MORE
    status = MORE
    if m[counter] < m[k.MAX_ROWS]:
        status = _set_aside(m, b, buf, p, end, kind, time, offset, (0, 0, 0))
    if status == MORE:
        m[counter] += 1
    return status


@njit
def _stream_row(m: Array) -> int:
    """Where the packet's TCP direction lies in `m`, new or known; a full neighbourhood gives up one that is not SIP."""
    ports = m[k.SRC_PORT] * 65536 + m[k.DST_PORT]
    home = hash5(m[k.SEED], m[k.SRC_HI], m[k.SRC_LO], m[k.DST_HI], m[k.DST_LO], ports)
    spare = -1
    for step in range(8):
        row = k.STREAMS + ((home + step) & (k.MAX_STREAMS - 1)) * k.STREAM_COLUMNS
        if m[row + k.S_STATE] == k.STREAM_EMPTY:
            spare = row
            break
        if (
            m[row + k.S_PORTS] == ports
            and m[row + k.S_SRC_LO] == m[k.SRC_LO]
            and m[row + k.S_DST_LO] == m[k.DST_LO]
            and m[row + k.S_SRC_HI] == m[k.SRC_HI]
            and m[row + k.S_DST_HI] == m[k.DST_HI]
        ):
            return row
        if spare < 0 and m[row + k.S_STATE] != k.STREAM_SIP:
            spare = row
    row = spare if spare >= 0 else k.STREAMS + (home & (k.MAX_STREAMS - 1)) * k.STREAM_COLUMNS
    m[row + k.S_SRC_HI] = m[k.SRC_HI]
    m[row + k.S_SRC_LO] = m[k.SRC_LO]
    m[row + k.S_DST_HI] = m[k.DST_HI]
    m[row + k.S_DST_LO] = m[k.DST_LO]
    m[row + k.S_PORTS] = ports
    m[row + k.S_STATE] = k.STREAM_UNKNOWN
    m[row + k.S_SEGMENTS] = 0
    m[row + k.S_START_KNOWN] = 0
    return row


@njit
def _judge_stream(m: Array, row: int, buf: Array, p: int, end: int) -> int:
    """State of a stream not known to be SIP after its segment buf[p:end], which has a payload."""
    if m[row + k.S_STATE] == k.STREAM_OTHER:
        # A port may be used again, and a proxy may speak two protocols: a whole start line is always believed.
        return k.STREAM_SIP if start_line(buf, p, end) == LINE_SIP else k.STREAM_OTHER
    said = stream_text(buf, p, end, m[row + k.S_START_KNOWN] if m[row + k.S_SEGMENTS] == 0 else 0)
    if said == LINE_SIP:
        return k.STREAM_SIP
    if said != LINE_OTHER and m[row + k.S_SEGMENTS] < _UNDECIDED_SEGMENTS:
        return k.STREAM_UNKNOWN
    source, target = m[k.SRC_PORT], m[k.DST_PORT]
    if source == 5061 or target == 5061 or source == 5067 or target == 5067:
        # TLS records: type 20 to 23, version 3.x (RFC 8446 5.1). The ports are those of SIP over TLS.
        if p + 3 <= end and buf[p] >= 20 and buf[p] <= 23 and buf[p + 1] == 3:
            if m[k.TLS_STREAMS] == 0:
                m[k.TLS_FIRST] = m[k.FRAME]
            m[k.TLS_STREAMS] += 1
    return k.STREAM_OTHER


@njit
def _segment(m: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """Hand segments of SIP streams, and of streams that may yet be SIP, to Python; drop all others where they are."""
    p, end, header = m[k.PAYLOAD], m[k.PAYLOAD_END], m[k.HEADER]
    flags = buf[header + 13] & _SYN_FIN_RST
    if p >= end and flags == 0:
        return MORE
    row = _stream_row(m)
    judged = m[row + k.S_STATE]
    if flags & 2 and judged != k.STREAM_SIP:
        m[row + k.S_STATE] = judged = k.STREAM_UNKNOWN
        m[row + k.S_SEGMENTS] = 0
        m[row + k.S_START_KNOWN] = 1
    if judged != k.STREAM_SIP:
        if p >= end:
            return MORE
        judged = _judge_stream(m, row, buf, p, end)
        if judged == k.STREAM_OTHER:
            m[row + k.S_STATE] = judged
            return MORE
    about = (be32(buf, header + 4), flags * 1, row * 1)
    status = _set_aside(m, b, buf, p, end, k.KIND_TCP, time, offset, about)
    if status == MORE:
        m[row + k.S_STATE] = judged
        m[row + k.S_SEGMENTS] += 1
        m[k.PENDING] += 1
    return status


@njit
def _icmp(m: Array, b: Array, buf: Array, version: int, time: int, offset: int) -> int:
    """Hand ICMP errors to Python: types 3, 4, 5, 11, 12 of ICMP, 1 to 4 of ICMPv6 (RFC 792, RFC 4443)."""
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    if p + 28 > end:
        return MORE
    kind = buf[p]
    if version == 4:
        error = kind == 3 or kind == 4 or kind == 5 or kind == 11 or kind == 12
    else:
        error = kind >= 1 and kind <= 4
    if not error:
        return MORE
    status = MORE
    if m[k.ICMP_SEEN] < m[k.MAX_ROWS]:
        status = _set_aside(m, b, buf, p, min(end, p + 128), k.KIND_ICMP, time, offset, (version, 0, 0))
    if status == MORE:
        m[k.ICMP_SEEN] += 1
    return status


@njit
def packet(m: Array, x: Array, b: Array, buf: Array, p: int, end: int, interface: int, time: int, offset: int) -> int:
    """One frame buf[p:end] of the interface whose row is at m[interface]; offset is its record's place in the file."""
    link = m[interface + k.I_LINK]
    if link < 0:
        if m[interface + k.I_UNOPENED] == 0:
            m[interface + k.I_UNOPENED_FIRST] = m[k.FRAME]
        m[interface + k.I_UNOPENED] += 1
        return MORE
    link = k.LINKS + link * k.LINK_COLUMNS
    m[k.SRC_PORT] = 0
    m[k.DST_PORT] = 0
    kind = network(m, buf, p, end, m[link + k.K_FORM], m[link + k.K_AT], m[link + k.K_LENGTH])
    if kind == UDP:
        return _datagram(m, x, b, buf, time, offset)
    if kind == TCP:
        return _segment(m, b, buf, time, offset)
    if kind == FRAGMENT:
        about = (m[k.PAYLOAD] - m[k.HEADER], 0, 0)
        status = _set_aside(m, b, buf, m[k.HEADER], m[k.PACKET_END], k.KIND_FRAGMENT, time, offset, about)
        if status == MORE:
            m[k.FRAGMENTS] += 1
            m[k.PENDING] += 1
        return status
    if kind == ICMP:
        return _icmp(m, b, buf, 4, time, offset)
    if kind == ICMP6:
        return _icmp(m, b, buf, 6, time, offset)
    return MORE
