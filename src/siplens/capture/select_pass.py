"""The compiled pass that looks for the packets of some calls: no state of streams or flows, only comparisons with what is wanted.

`look` goes through the records of a capture as `kernel.walk` does. What it looks for lies in one array, `w`: numbers first, then
tables sorted by their first column, which `selection.Wanted` fills. Rows of what it met are written behind them, in the form of
`kernel_layout`'s rows.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be32
from siplens.capture.kernel_layout import NO_TIME, Array
from siplens.capture.kernel_network import FRAGMENT, ICMP, ICMP6, TCP, UDP, network
from siplens.capture.kernel_records import next_record
from siplens.capture.kernel_stun import in_channel, in_indication, is_stun
from siplens.native import inner, native

# Numbers at the beginning of w.
(
    W_FRAMES_AT,
    W_FRAMES,
    W_NEXT,
    W_FLOWS_AT,
    W_FLOWS,
    W_ENDS_AT,
    W_ENDS,
    W_STREAMS_AT,
    W_STREAMS,
    W_ROWS_AT,
    W_ROWS,
    W_ONLY_FRAMES,
    W_FOLLOWING,
    W_NUMBERS,
) = range(14)
"""W_ONLY_FRAMES: 1 where only the frames of the table are wanted, and packets are not looked into."""

# Columns of the tables; the first is the key by which a table is sorted.
L_KEY, L_SRC_HI, L_SRC_LO, L_DST_HI, L_DST_LO, L_FIRST, L_LAST, FLOW_COLUMNS = range(8)
"""A media flow: key is ports and SSRC; first and last frame."""
E_KEY, E_HI, E_LO, E_PORT, E_FROM, E_UNTIL, END_COLUMNS = range(7)
"""An end of media, wanted for RTCP, STUN, handshakes and fax: key as `end_key` makes it; a time window in nanoseconds."""
T_KEY, T_SRC_HI, T_SRC_LO, T_DST_HI, T_DST_LO, T_WHOLE, STREAM_COLUMNS = range(7)
"""A direction of a TCP connection: key is the ports; T_WHOLE is 1 where all its packets are wanted, those without payload too."""
MAX_ROWS = 4096
"""Rows that one call of `look` writes at most."""


@inner
def _first_place(w: Array, at: int, count: int, columns: int, key: int) -> int:
    """First row of a sorted table whose key is not below `key`."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if w[at + middle * columns] < key:
            low = middle + 1
        else:
            high = middle
    return low


@inner
def _flow_wanted(m: Array, w: Array, ssrc: int) -> bool:
    key = (m[k.SRC_PORT] << 48) | (m[k.DST_PORT] << 32) | ssrc
    place = _first_place(w, w[W_FLOWS_AT], w[W_FLOWS], FLOW_COLUMNS, key)
    row = w[W_FLOWS_AT] + place * FLOW_COLUMNS
    while place < w[W_FLOWS] and w[row + L_KEY] == key:
        if (
            w[row + L_SRC_LO] == m[k.SRC_LO]
            and w[row + L_DST_LO] == m[k.DST_LO]
            and w[row + L_SRC_HI] == m[k.SRC_HI]
            and w[row + L_DST_HI] == m[k.DST_HI]
            and w[row + L_FIRST] <= m[k.FRAME]
            and m[k.FRAME] <= w[row + L_LAST]
        ):
            return True
        place += 1
        row += FLOW_COLUMNS
    return False


@inner
def _end_wanted(w: Array, hi: int, lo: int, port: int, time: int) -> bool:
    key = (lo << 16) | port
    place = _first_place(w, w[W_ENDS_AT], w[W_ENDS], END_COLUMNS, key)
    row = w[W_ENDS_AT] + place * END_COLUMNS
    while place < w[W_ENDS] and w[row + E_KEY] == key:
        known = w[row + E_HI] == hi and w[row + E_LO] == lo and w[row + E_PORT] == port
        if known and (time == NO_TIME or (w[row + E_FROM] <= time and time <= w[row + E_UNTIL])):
            return True
        place += 1
        row += END_COLUMNS
    return False


@inner
def _stream_wanted(m: Array, w: Array) -> int:
    """0 where the TCP direction is not wanted, 1 where its payload is, 2 where all of it is."""
    key = m[k.SRC_PORT] * 65536 + m[k.DST_PORT]
    place = _first_place(w, w[W_STREAMS_AT], w[W_STREAMS], STREAM_COLUMNS, key)
    row = w[W_STREAMS_AT] + place * STREAM_COLUMNS
    while place < w[W_STREAMS] and w[row + T_KEY] == key:
        if (
            w[row + T_SRC_LO] == m[k.SRC_LO]
            and w[row + T_DST_LO] == m[k.DST_LO]
            and w[row + T_SRC_HI] == m[k.SRC_HI]
            and w[row + T_DST_HI] == m[k.DST_HI]
        ):
            whole: int = w[row + T_WHOLE]
            return 1 + whole
        place += 1
        row += STREAM_COLUMNS
    return 0


@inner
def _frame_wanted(m: Array, w: Array) -> bool:
    """Whether the packet's frame is one of those named."""
    while w[W_NEXT] < w[W_FRAMES] and w[w[W_FRAMES_AT] + w[W_NEXT]] < m[k.FRAME]:
        w[W_NEXT] += 1
    return bool(w[W_NEXT] < w[W_FRAMES] and w[w[W_FRAMES_AT] + w[W_NEXT]] == m[k.FRAME])


@inner
def _purpose(m: Array, w: Array, buf: Array, p: int, end: int, link: int, time: int) -> int:
    """KIND_* of a packet that is wanted, or may turn out to be; KIND_NONE for all others."""
    m[k.SRC_PORT] = 0
    m[k.DST_PORT] = 0
    found = network(m, buf, p, end, m[link + k.K_FORM], m[link + k.K_AT], m[link + k.K_LENGTH])
    if found == UDP:
        start, stop = m[k.PAYLOAD], m[k.PAYLOAD_END]
        if start + 8 > stop:
            return k.KIND_NONE
        first = buf[start]
        if (first >> 4 == 4 and in_channel(m, buf, start, stop)) or (
            first < 4 and is_stun(buf, start, stop) and in_indication(m, buf, start, stop)
        ):
            start, stop = m[k.PAYLOAD], m[k.PAYLOAD_END]
            first = buf[start]
        if first >> 6 == 2 and (buf[start + 1] < 192 or buf[start + 1] > 223):
            if start + 12 <= stop and _flow_wanted(m, w, be32(buf, start + 8)):
                return k.KIND_RTP
            return k.KIND_NONE
        # RTCP; STUN, ZRTP, DTLS (RFC 7983), T.38.
        if first >> 6 == 2 or first < 64:
            wanted = _end_wanted(w, m[k.SRC_HI], m[k.SRC_LO], m[k.SRC_PORT], time)
            if wanted or _end_wanted(w, m[k.DST_HI], m[k.DST_LO], m[k.DST_PORT], time):
                return k.KIND_RTCP
        return k.KIND_NONE
    if found == TCP:
        wanted = _stream_wanted(m, w)
        if wanted == 0 and _frame_wanted(m, w):
            # The last segment of a HEP packet: the message names the connection that it was copied from, not this one.
            wanted = 1
        if wanted == 2:
            return k.KIND_RTP
        if wanted == 1 and (m[k.PAYLOAD] < m[k.PAYLOAD_END] or buf[m[k.HEADER] + 13] & 7 != 0):
            return k.KIND_TCP
        return k.KIND_NONE
    if found == FRAGMENT:
        m[k.ABOUT_A] = m[k.PAYLOAD] - m[k.HEADER]
        m[k.PAYLOAD] = m[k.HEADER]
        m[k.PAYLOAD_END] = m[k.PACKET_END]
        return k.KIND_FRAGMENT
    if (found == ICMP or found == ICMP6) and m[k.PAYLOAD] + 28 <= m[k.PAYLOAD_END]:
        m[k.ABOUT_A] = 4 + 2 * (found - ICMP)
        return k.KIND_ICMP
    return k.KIND_NONE


@inner
def _write_row(m: Array, w: Array, buf: Array, kind: int, time: int) -> int:
    """Row of a packet that Python decides on: where its payload lies in the buffer, and what of it matters."""
    row = w[W_ROWS_AT] + w[W_ROWS] * k.ROW_COLUMNS
    for column in range(k.ROW_COLUMNS):
        w[row + column] = 0
    w[row + k.R_KIND], w[row + k.R_FRAME], w[row + k.R_TIME] = kind, m[k.FRAME], time
    w[row + k.R_START], w[row + k.R_LENGTH] = m[k.PAYLOAD], m[k.PAYLOAD_END] - m[k.PAYLOAD]
    w[row + k.R_SRC_HI], w[row + k.R_SRC_LO] = m[k.SRC_HI], m[k.SRC_LO]
    w[row + k.R_DST_HI], w[row + k.R_DST_LO] = m[k.DST_HI], m[k.DST_LO]
    w[row + k.R_SRC_PORT], w[row + k.R_DST_PORT] = m[k.SRC_PORT], m[k.DST_PORT]
    w[row + k.R_A] = m[k.ABOUT_A]
    if kind == k.KIND_TCP:
        w[row + k.R_A], w[row + k.R_B] = be32(buf, m[k.HEADER] + 4), buf[m[k.HEADER] + 13] & 7
        w[row + k.R_D] = -1
    w[W_ROWS] += 1
    return row


@inner
def _write_packet(m: Array, w: Array, start: int, captured: int, original: int, interface: int, time: int) -> int:
    """Row of a packet whose frame is wanted: where its bytes lie in the buffer."""
    row = w[W_ROWS_AT] + w[W_ROWS] * k.ROW_COLUMNS
    w[row + k.R_KIND], w[row + k.R_FRAME], w[row + k.R_TIME] = k.KIND_NONE, m[k.FRAME], time
    w[row + k.R_START], w[row + k.R_LENGTH] = start, captured
    w[row + k.R_A], w[row + k.R_B] = original, (interface - k.INTERFACES) // k.INTERFACE_COLUMNS
    w[W_ROWS] += 1
    return row


@native("i8(i8*, i8*, u1*, i8, i8)", sources=("kernel*.py", "select_pass.py"))
def look(m: Array, w: Array, buf: Array, p: int, end: int) -> int:
    """Work through the records in buf[p:end]. Returns where it stopped; m[STATUS] says why: MORE bytes are needed, FLUSH the rows,
    a BLOCK is Python's business, SKIP bytes, or the record is CORRUPT."""
    while True:
        if w[W_ROWS] >= MAX_ROWS:
            m[k.STATUS] = k.FLUSH
            return p
        status, p, start, captured, original, following, interface, time = next_record(m, buf, p, end)
        if status != k.PACKET:
            m[k.STATUS] = status
            return p
        m[k.FRAME] += 1
        if w[W_ONLY_FRAMES] == 1:
            if w[W_NEXT] < w[W_FRAMES] and w[w[W_FRAMES_AT] + w[W_NEXT]] == m[k.FRAME]:
                w[W_NEXT] += 1
                _write_packet(m, w, start, captured, original, interface, time)
        elif m[interface + k.I_LINK] >= 0:
            link = k.LINKS + m[interface + k.I_LINK] * k.LINK_COLUMNS
            purpose = _purpose(m, w, buf, start, start + captured, link, time)
            if purpose != k.KIND_NONE:
                _write_row(m, w, buf, purpose, time)
        p = following
