"""What one packet is for, in the compiled pass: `sort` says whether it is SIP, RTP, something for Python, or nothing.

Nothing is counted or kept here but the state of TCP directions; `kernel.walk` acts on what `sort` says.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be32, hash5, inner
from siplens.capture.kernel_keep import count_left
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_network import COPIED, FRAGMENT, ICMP, ICMP6, PACKED, TCP, UDP, UNOPENED, network
from siplens.capture.kernel_rtp import rtcp_chain, secure_rtcp
from siplens.capture.kernel_sctp import SCTP_MESSAGE, SCTP_OTHER, sctp_content
from siplens.capture.kernel_sdp import find_binding
from siplens.capture.kernel_sip import LINE_OTHER, LINE_SIP, start_line, stream_text
from siplens.capture.kernel_stun import in_channel, in_indication, is_stun
from siplens.capture.kernel_tunnels import hep_begins, hep_within
from siplens.capture.kernel_websocket import websocket_begins
from siplens.native import inlined

_UNDECIDED_SEGMENTS, _UNDECIDED_BYTES = 256, 16_384
_SYN_FIN_RST = 7
_MGCP_GATEWAY, _MGCP_AGENT = 2427, 2727
_ZRTP = 0x5A525450
_SCTP = 132
_HEP_PORT = 9060
"""And the next, where Homer has TLS, or a second listener."""
_SPACE_UDP = k.SPACE_UDP


@inner
def _side(m: Array, buf: Array, p: int, end: int) -> int:
    """KIND_SIDE for what goes along with media: DTLS that is no data (RFC 9147), ZRTP (RFC 6189 5), T.38 where SDP announced it."""
    what = -1
    if p + 13 <= end and buf[p] >= 20 and buf[p] <= 22 and buf[p + 1] == 0xFE and buf[p + 2] >= 0xFC:
        what = k.SIDE_DTLS
    elif p + 12 <= end and buf[p] & 0xF0 == 0x10 and be32(buf, p + 4) == _ZRTP:
        what = k.SIDE_ZRTP
    elif m[k.SIDE_BOUND] > 0 and p + 6 <= end:
        row = find_binding(m, m[k.DST_HI], m[k.DST_LO], m[k.DST_PORT])
        if row < 0:
            row = find_binding(m, m[k.SRC_HI], m[k.SRC_LO], m[k.SRC_PORT])
        if row >= 0 and m[row + k.B_KIND] & k.MEDIA_T38:
            what = k.SIDE_T38
    if what < 0:
        return k.KIND_NONE
    m[k.ABOUT_A], m[k.ABOUT_B] = what, end - p
    if end > p + k.SIDE_KEPT:
        m[k.PAYLOAD_END] = p + k.SIDE_KEPT
    return k.KIND_SIDE


@inner
def _media(buf: Array, p: int, end: int) -> int:
    """What begins with the version of RTP is: RTCP by its type."""
    if p + 8 > end or buf[p + 1] < 192 or buf[p + 1] > 223:
        return k.KIND_RTP
    return k.KIND_RTCP if rtcp_chain(buf, p, end) or secure_rtcp(buf, p, end) else k.KIND_NONE


@inlined
def _datagram(m: Array, buf: Array) -> int:
    """What a UDP payload is, told by its first byte: media 128 to 191, STUN 0 to 3, TURN's ChannelData 64 to 79, SIP printable."""
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    if p >= end:
        return k.KIND_NONE
    first = buf[p]
    m[k.ABOUT_D] = 0
    if first >> 6 == 2:
        return _media(buf, p, end)
    if first >> 4 == 4 and in_channel(m, buf, p, end):
        return _media(buf, m[k.PAYLOAD], m[k.PAYLOAD_END])
    if first < 4:
        if not is_stun(buf, p, end):
            return _side(m, buf, p, end)
        return _media(buf, m[k.PAYLOAD], m[k.PAYLOAD_END]) if in_indication(m, buf, p, end) else k.KIND_STUN
    if first > 0x20 and first < 0x7F:
        if start_line(buf, p, end) == LINE_SIP:
            return k.KIND_UDP
        source, target = m[k.SRC_PORT], m[k.DST_PORT]
        if source == _MGCP_GATEWAY or target == _MGCP_GATEWAY or source == _MGCP_AGENT or target == _MGCP_AGENT:
            return k.KIND_ANNOUNCE
    return _side(m, buf, p, end)


@inner
def _left_over(m: Array, space: int, number: int) -> int:
    """Row of a protocol that may carry IP or SIP and is not opened; 0 where it is none of those."""
    for at in range(k.MAX_LEFTS):
        row = k.LEFTS + at * k.LEFT_COLUMNS
        if m[row + k.O_SPACE] == 0:
            break
        if m[row + k.O_SPACE] == space and m[row + k.O_NUMBER] == number:
            return row
    return 0


@inner
def _stream_row(m: Array) -> int:
    """Where the packet's TCP direction lies in `m`, new or known; a full neighbourhood gives up one that is not SIP."""
    ports = m[k.SRC_PORT] * 65536 + m[k.DST_PORT]
    home = hash5(m[k.SEED], m[k.SRC_HI], m[k.SRC_LO], m[k.DST_HI], m[k.DST_LO], ports)
    row = k.STREAMS + (home & (k.MAX_STREAMS - 1)) * k.STREAM_COLUMNS
    spare = row
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
        if m[spare + k.S_STATE] == k.STREAM_SIP:
            spare = row
    m[spare + k.S_SRC_HI] = m[k.SRC_HI]
    m[spare + k.S_SRC_LO] = m[k.SRC_LO]
    m[spare + k.S_DST_HI] = m[k.DST_HI]
    m[spare + k.S_DST_LO] = m[k.DST_LO]
    m[spare + k.S_PORTS] = ports
    m[spare + k.S_STATE] = k.STREAM_UNKNOWN
    m[spare + k.S_SEGMENTS] = 0
    m[spare + k.S_START_KNOWN] = 0
    m[spare + k.S_BYTES] = 0
    m[spare + k.S_ALIGNED] = 0
    return spare


@inner
def _to_collector(m: Array) -> bool:
    """Whether a TCP segment goes to a port on which Homer takes HEP."""
    return bool(m[k.DST_PORT] == _HEP_PORT or m[k.DST_PORT] == _HEP_PORT + 1)


@inner
def _judge_stream(m: Array, row: int, buf: Array, p: int, end: int) -> int:
    """State of a direction not known to be SIP after its segment buf[p:end]; STREAM_EMPTY where Python must drain first."""
    if m[row + k.S_STATE] == k.STREAM_OTHER:
        # A port may be used again, and a proxy may speak two protocols: a whole start line is always believed.
        begins = start_line(buf, p, end) == LINE_SIP or websocket_begins(buf, p, end) or hep_begins(buf, p, end)
        return k.STREAM_SIP if begins or (_to_collector(m) and hep_within(buf, p, end)) else k.STREAM_OTHER
    begun = m[row + k.S_SEGMENTS] > 0
    if websocket_begins(buf, p, end) or hep_begins(buf, p, end):
        return k.STREAM_SIP
    # With the SYN seen, the first segment may still come second.
    first = m[row + k.S_START_KNOWN] == 1 and (m[row + k.S_ALIGNED] == 0 or m[row + k.S_NEXT] == be32(buf, m[k.HEADER] + 4))
    if not first and (m[row + k.S_SEGMENTS] == 0 or _to_collector(m)) and hep_within(buf, p, end):
        return k.STREAM_SIP
    said = stream_text(buf, p, end, first, begun)
    if said == LINE_SIP:
        return k.STREAM_SIP
    if begun and m[k.PENDING] > 0:
        # Python may know by now: ask before the direction is judged by this segment alone.
        return k.STREAM_EMPTY
    m[row + k.S_BYTES] += end - p
    if said != LINE_OTHER and m[row + k.S_SEGMENTS] < _UNDECIDED_SEGMENTS and m[row + k.S_BYTES] < _UNDECIDED_BYTES:
        return k.STREAM_UNKNOWN
    # TLS records: type 20 to 23, version 3.x (RFC 8446 5.1).
    tls = p + 3 <= end and buf[p] >= 20 and buf[p] <= 23 and buf[p + 1] == 3
    if tls and m[k.OPEN_TLS] == 1:
        return k.STREAM_TLS
    source, target = m[k.SRC_PORT], m[k.DST_PORT]
    if tls and (source == 5061 or target == 5061 or source == 5067 or target == 5067):
        # The ports are those of SIP over TLS.
        if m[k.TLS_STREAMS] == 0:
            m[k.TLS_FIRST] = m[k.FRAME]
        m[k.TLS_STREAMS] += 1
    return k.STREAM_OTHER


@inner
def _segment(m: Array, buf: Array) -> int:
    """KIND_TCP for segments of SIP streams, and of streams that may yet be SIP; all others end here."""
    p, end, header = m[k.PAYLOAD], m[k.PAYLOAD_END], m[k.HEADER]
    flags = buf[header + 13] & _SYN_FIN_RST
    if p >= end and flags == 0:
        return k.KIND_NONE
    row = _stream_row(m)
    if m[row + k.S_STATE] == k.STREAM_TLS and flags & 2 == 0:
        return k.KIND_LEFT
    if m[row + k.S_STATE] != k.STREAM_SIP:
        if flags & 2:
            m[row + k.S_STATE] = k.STREAM_UNKNOWN
            m[row + k.S_SEGMENTS] = 0
            m[row + k.S_START_KNOWN] = 1
            m[row + k.S_ALIGNED] = 1
            m[row + k.S_NEXT] = (be32(buf, header + 4) + 1) & 0xFFFFFFFF
            m[row + k.S_BYTES] = 0
        if p >= end:
            return k.KIND_NONE
        judged = _judge_stream(m, row, buf, p, end)
        if judged == k.STREAM_EMPTY:
            return k.KIND_DRAIN
        if judged == k.STREAM_OTHER or judged == k.STREAM_TLS:
            m[row + k.S_STATE] = judged
            m[row + k.S_ALIGNED] = 0
            return k.KIND_LEFT if judged == k.STREAM_TLS else k.KIND_NONE
        m[k.ABOUT_STATE] = judged
    else:
        m[k.ABOUT_STATE] = k.STREAM_SIP
    m[k.ABOUT_A] = be32(buf, header + 4)
    m[k.ABOUT_B] = flags
    m[k.ABOUT_C] = row
    m[k.ABOUT_D] = m[row + k.S_NEXT] if m[row + k.S_ALIGNED] == 1 else -1
    return k.KIND_TCP


@inner
def _icmp(m: Array, buf: Array, version: int) -> int:
    """KIND_ICMP for errors: types 3, 4, 5, 11, 12 of ICMP, 1 to 4 of ICMPv6 (RFC 792, RFC 4443)."""
    p = m[k.PAYLOAD]
    if p + 28 > m[k.PAYLOAD_END]:
        return k.KIND_NONE
    kind = buf[p]
    if version == 4 and not (kind == 3 or kind == 4 or kind == 5 or kind == 11 or kind == 12):
        return k.KIND_NONE
    if version == 6 and not (kind >= 1 and kind <= 4):
        return k.KIND_NONE
    if m[k.PAYLOAD_END] > p + 128:
        m[k.PAYLOAD_END] = p + 128
    m[k.ABOUT_A] = version
    return k.KIND_ICMP


@inner
def _copied(protocol: int) -> int:
    """KIND_* of SIP that a HEP packet copied, by its IP protocol; TLS and WebSocket, which have none, are told as 22 and 50 by Kamailio."""
    if protocol == 22:
        return k.KIND_TLS
    if protocol == 50:
        return k.KIND_WS
    return k.KIND_SCTP if protocol == _SCTP else k.KIND_HEP


@inner
def _leave(m: Array, left: int, p: int, end: int) -> int:
    """KIND_LEFT for the frame buf[p:end] of a protocol, row `left`, that tshark will open; else KIND_NONE, then it is only counted."""
    if left == 0:
        return k.KIND_NONE
    if m[k.OPEN_LEFT] == 0 or m[left + k.O_WANTED] == 0:
        # Nothing more is done with such a frame, so that it cannot be counted twice.
        count_left(m, left)
        return k.KIND_NONE
    m[k.PAYLOAD], m[k.PAYLOAD_END] = p, end
    m[k.ABOUT_B] = left
    return k.KIND_LEFT


@inlined
def sort(m: Array, buf: Array, p: int, end: int, link: int) -> int:
    """KIND_* of the frame buf[p:end] whose link type is the row m[link]. PAYLOAD and PAYLOAD_END bound what is to be kept of it."""
    m[k.SRC_PORT] = 0
    m[k.DST_PORT] = 0
    found = network(m, buf, p, end, m[link + k.K_FORM], m[link + k.K_AT], m[link + k.K_LENGTH])
    if found == UDP:
        purpose = _datagram(m, buf)
        if purpose != k.KIND_NONE:
            return purpose
        left = _left_over(m, _SPACE_UDP, m[k.DST_PORT])
        if left == 0:
            left = _left_over(m, _SPACE_UDP, m[k.SRC_PORT])
        return _leave(m, left, p, end)
    if found == TCP:
        purpose = _segment(m, buf)
        if purpose == k.KIND_LEFT:
            m[k.PAYLOAD], m[k.PAYLOAD_END] = p, end
            m[k.ABOUT_B] = 0
        return purpose
    if found == UNOPENED:
        if m[k.ABOUT_A] == k.SPACE_IP and m[k.ABOUT_B] == _SCTP:
            content = sctp_content(m, buf)
            if content != SCTP_OTHER:
                # Nothing, mostly: mobile networks' own signalling.
                return k.KIND_SCTP if content == SCTP_MESSAGE else k.KIND_NONE
        return _leave(m, _left_over(m, m[k.ABOUT_A], m[k.ABOUT_B]), p, end)
    if found == COPIED:
        return _copied(m[k.ABOUT_A]) if start_line(buf, m[k.PAYLOAD], m[k.PAYLOAD_END]) == LINE_SIP else k.KIND_NONE
    if found == PACKED:
        return k.KIND_COPY
    if found == FRAGMENT:
        m[k.ABOUT_A] = m[k.PAYLOAD] - m[k.HEADER]
        m[k.PAYLOAD] = m[k.HEADER]
        m[k.PAYLOAD_END] = m[k.PACKET_END]
        return k.KIND_FRAGMENT
    if found == ICMP or found == ICMP6:
        return _icmp(m, buf, 4 + 2 * (found - ICMP))
    return k.KIND_NONE
