"""What the compiled pass copies out of the capture: SIP messages into the arena, packets for Python into the aside."""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import inner
from siplens.capture.kernel_layout import MORE, Array
from siplens.capture.kernel_sdp import announce
from siplens.capture.kernel_sip import message_end, skip_line_ends

SEGMENT_NOT_WHOLE = -1


@inner
def _note(m: Array, row: int, kind: int, start: int, time: int, offset: int) -> None:
    """Fill a row of MESSAGES or ASIDES from the packet at hand."""
    m[row + k.R_KIND] = kind
    m[row + k.R_START] = start
    m[row + k.R_LENGTH] = m[k.PAYLOAD_END] - m[k.PAYLOAD]
    m[row + k.R_FRAME] = m[k.FRAME]
    m[row + k.R_OFFSET] = offset
    m[row + k.R_TIME] = time
    # Addresses and ports lie in the same order in both places.
    for column in range(6):
        m[row + k.R_SRC_HI + column] = m[k.SRC_HI + column]
    for column in range(4):
        m[row + k.R_A + column] = m[k.ABOUT_A + column]


@inner
def _copy(b: Array, to: int, buf: Array, p: int, end: int) -> None:
    for at in range(p, end):
        b[to + at - p] = buf[at]


@inner
def keep_message(m: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """Keep the SIP message of a datagram. MORE, or why the pass must stop before it."""
    if m[k.PENDING] > 0:
        # Signalling that came before is to be understood before.
        return k.DRAIN
    if m[k.BINDINGS_USED] * 2 > m[k.BINDINGS_MASK] and m[k.BINDINGS_MASK] < m[k.MAX_BINDINGS]:
        return k.GROW_BINDINGS
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    start = m[k.ARENA_USED]
    if start + end - p > k.ARENA_SIZE or m[k.MESSAGES_USED] >= k.MAX_MESSAGES:
        return k.FLUSH
    _copy(b, k.ARENA + start, buf, p, end)
    _note(m, k.MESSAGES + m[k.MESSAGES_USED] * k.ROW_COLUMNS, m[k.ABOUT_KIND], start, time, offset)
    m[k.ARENA_USED] = start + end - p
    m[k.MESSAGES_USED] += 1
    return MORE


@inner
def keep_segment(m: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """Keep the SIP messages of a TCP segment that holds nothing but whole ones and is next in its direction.

    MORE, or why the pass must stop before it; SEGMENT_NOT_WHOLE where Python must look at it.
    """
    row, p, end = m[k.ABOUT_C], m[k.PAYLOAD], m[k.PAYLOAD_END]
    # Where the SYN was seen, the first segment is known as the others are: by its number.
    fresh = m[row + k.S_STATE] != k.STREAM_SIP and m[row + k.S_SEGMENTS] == 0 and m[row + k.S_ALIGNED] == 0
    next_up = m[row + k.S_ALIGNED] == 1 and m[row + k.S_NEXT] == m[k.ABOUT_A]
    if m[k.ABOUT_STATE] != k.STREAM_SIP or m[k.ABOUT_B] != 0 or not (fresh or next_up):
        return SEGMENT_NOT_WHOLE
    count = 0
    p = skip_line_ends(buf, p, end)
    while p < end:
        p = message_end(buf, p, end)
        if p < 0 or count >= k.MAX_WHOLE:
            return SEGMENT_NOT_WHOLE
        p = skip_line_ends(buf, p, end)
        m[k.MESSAGE_ENDS + count] = p
        count += 1
    size = end - m[k.PAYLOAD]
    if m[k.ARENA_USED] + size > k.ARENA_SIZE or m[k.MESSAGES_USED] + count > k.MAX_MESSAGES:
        return k.FLUSH
    p = skip_line_ends(buf, m[k.PAYLOAD], end)
    for index in range(count):
        m[k.PAYLOAD] = p
        p = m[k.MESSAGE_ENDS + index]
        m[k.PAYLOAD_END] = p
        status = keep_message(m, b, buf, time, offset)
        if status != MORE:
            # Only the first can meet an obstacle: room was made sure of, and nothing was set aside in between.
            return status
        announce(m, b, buf, m[k.PAYLOAD], m[k.PAYLOAD_END])
    m[row + k.S_STATE] = k.STREAM_SIP
    m[row + k.S_ALIGNED] = 1
    m[row + k.S_NEXT] = (m[k.ABOUT_A] + size) & 0xFFFFFFFF
    return MORE


@inner
def count_left(m: Array, row: int) -> None:
    """Count a frame in the row of the protocol that is not opened."""
    if m[row + k.O_FRAMES] == 0:
        m[row + k.O_FIRST] = m[k.FRAME]
    m[row + k.O_FRAMES] += 1


@inner
def set_aside(m: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """Copy the payload of a packet out for Python, within bounds on each kind. MORE, or DRAIN where there is no room."""
    kind = m[k.ABOUT_KIND]
    if kind >= k.KIND_STUN and kind != k.KIND_LEFT and kind != k.KIND_COPY:
        counter = k.ROWS_SEEN + kind
        if m[counter] >= m[k.MAX_ROWS]:
            m[counter] += 1
            return MORE
    p, end = m[k.PAYLOAD], m[k.PAYLOAD_END]
    start = m[k.ASIDE_USED]
    if start + end - p > k.ASIDE_SIZE or m[k.ASIDES_USED] >= k.MAX_ASIDES:
        return k.DRAIN
    _copy(b, k.ASIDE + start, buf, p, end)
    _note(m, k.ASIDES + m[k.ASIDES_USED] * k.ROW_COLUMNS, kind, start, time, offset)
    m[k.ASIDE_USED] = start + end - p
    m[k.ASIDES_USED] += 1
    m[k.ROWS_SEEN + kind] += 1
    if kind == k.KIND_LEFT and m[k.ABOUT_B] > 0:
        count_left(m, m[k.ABOUT_B])
    if kind == k.KIND_TCP:
        row = m[k.ABOUT_C]
        m[row + k.S_ALIGNED] = 0
        m[row + k.S_STATE] = m[k.ABOUT_STATE]
        m[row + k.S_SEGMENTS] += 1
        m[k.PENDING] += 1
    elif kind == k.KIND_FRAGMENT or kind == k.KIND_COPY:
        m[k.PENDING] += 1
    return MORE
