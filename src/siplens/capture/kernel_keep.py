"""What the compiled pass copies out of the capture: SIP messages into the arena, packets for Python into the aside."""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import inner
from siplens.capture.kernel_layout import MORE, Array


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
    for column in range(3):
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
def set_aside(m: Array, b: Array, buf: Array, time: int, offset: int) -> int:
    """Copy the payload of a packet out for Python, within bounds on each kind. MORE, or DRAIN where there is no room."""
    kind = m[k.ABOUT_KIND]
    if kind >= k.KIND_STUN:
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
    if kind == k.KIND_TCP:
        row = m[k.ABOUT_C]
        m[row + k.S_STATE] = m[k.ABOUT_STATE]
        m[row + k.S_SEGMENTS] += 1
        m[k.PENDING] += 1
    elif kind == k.KIND_FRAGMENT:
        m[k.PENDING] += 1
    return MORE
