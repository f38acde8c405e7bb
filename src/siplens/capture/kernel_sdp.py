"""SDP in the compiled pass: which addresses and ports a message announces for RTP, and with which clocks.

Only what binds flows is read here, at the place in the packet order where it was said; siplens.sip reads SDP in full.
Announced are m-lines with an RTP profile (RFC 8866 5.14) and their ICE candidates (RFC 8839 and the older draft).
"""

from __future__ import annotations

from siplens.capture.kernel_bytes import hash3, inner, mix
from siplens.capture.kernel_layout import (
    B_HI,
    B_LO,
    B_MAP,
    B_PORT,
    BINDING_COLUMNS,
    BINDINGS_AT,
    BINDINGS_MASK,
    BINDINGS_REFUSED,
    BINDINGS_USED,
    CLOCKS,
    GENERATION,
    M_HI,
    M_KNOWN,
    M_LO,
    M_NOTED,
    M_PORT,
    M_TEXT,
    MAP_KEYS,
    MAP_TEXT,
    MAP_TEXTS,
    MAPS_USED,
    MAX_BINDINGS,
    MAX_MAPS,
    MAX_SCRATCH,
    PAYLOAD_TYPES,
    S_KNOWN,
    SCRATCH_ADDRESSES,
    SCRATCH_TEXT,
    SEED,
    Array,
)

_SPACE, _CR, _LF = 0x20, 0x0D, 0x0A
_MAPPED = 0xFFFF00000000


@inner
def _line_end(buf: Array, p: int, end: int) -> int:
    while p < end and buf[p] != _LF:
        p += 1
    return p


@inner
def _word_end(buf: Array, p: int, end: int) -> int:
    while p < end and buf[p] > _SPACE:
        p += 1
    return p


@inner
def _number(buf: Array, p: int, end: int) -> int:
    """Decimal number from p, at most 9 digits; -1 where none stands there."""
    value, q = 0, p
    while q < end and q - p < 9 and buf[q] >= 0x30 and buf[q] <= 0x39:
        value = value * 10 + (buf[q] - 48)
        q += 1
    return value if q > p else -1


@inner
def _hex_digit(c: int) -> int:
    if c >= 0x30 and c <= 0x39:
        return c - 0x30
    if c >= 0x61 and c <= 0x66:
        return c - 0x57
    if c >= 0x41 and c <= 0x46:
        return c - 0x37
    return -1


@inner
def _ipv4(buf: Array, p: int, end: int) -> int:
    """Dotted IPv4 address as a number; -1 where buf[p:end] is none."""
    value = 0
    for part in range(4):
        q, octet = p, 0
        while q < end and q - p < 3 and buf[q] >= 0x30 and buf[q] <= 0x39:
            octet = octet * 10 + (buf[q] - 48)
            q += 1
        if q == p or octet > 255:
            return -1
        value = value * 256 + octet
        p = q
        if part < 3:
            if p >= end or buf[p] != 0x2E:
                return -1
            p += 1
    return value if p == end else -1


@inner
def read_address(buf: Array, p: int, end: int) -> tuple[bool, int, int]:
    """(is an address, hi, lo) of the IPv4 or IPv6 text buf[p:end] (RFC 4291 2.2)."""
    v4 = _ipv4(buf, p, end)
    if v4 >= 0:
        return True, 0, _MAPPED + v4
    hi, lo, groups = 0, 0, 0
    tail_hi, tail_lo, tail = 0, 0, 0
    gap = False
    if p + 1 < end and buf[p] == 0x3A and buf[p + 1] == 0x3A:
        gap = True
        p += 2
    while p < end:
        q, group = p, 0
        while q < end and q - p < 4 and _hex_digit(buf[q]) >= 0:
            group = group * 16 + _hex_digit(buf[q])
            q += 1
        if q == p or groups + tail >= 8:
            return False, 0, 0
        if q < end and buf[q] == 0x2E:
            v4 = _ipv4(buf, p, end)
            if v4 < 0 or groups + tail > 6:
                return False, 0, 0
            if gap:
                tail_hi = (tail_hi << 32) | ((tail_lo >> 32) & 0xFFFFFFFF)
                tail_lo, tail = (tail_lo << 32) | v4, tail + 2
            elif groups == 6:
                lo, groups = lo * 4294967296 + v4, 8
            else:
                return False, 0, 0
            p = end
            break
        if gap:
            tail_hi = (tail_hi << 16) | ((tail_lo >> 48) & 0xFFFF)
            tail_lo = (tail_lo << 16) | group
            tail += 1
        elif groups < 4:
            hi = (hi << 16) | group
            groups += 1
        else:
            lo = (lo << 16) | group
            groups += 1
        p = q
        if p == end:
            break
        if buf[p] != 0x3A:
            return False, 0, 0
        p += 1
        if p < end and buf[p] == 0x3A:
            if gap:
                return False, 0, 0
            gap = True
            p += 1
        elif p == end:
            return False, 0, 0
    if gap:
        if groups + tail > 7:
            return False, 0, 0
        if groups <= 4:
            hi = hi << (16 * (4 - groups)) if groups > 0 else 0
            return True, hi | tail_hi, tail_lo
        return True, hi, (lo << (16 * (8 - groups))) | tail_lo
    return groups == 8, hi, lo


@inner
def find_binding(m: Array, hi: int, lo: int, port: int) -> int:
    """Row of an announced address and port, -1 where it was not announced."""
    mask = m[BINDINGS_MASK]
    slot = hash3(m[SEED], hi, lo, port) & mask
    while True:
        row = m[BINDINGS_AT] + slot * BINDING_COLUMNS
        if m[row + B_PORT] == 0:
            return -1
        if m[row + B_LO] == lo and m[row + B_PORT] == port + 1 and m[row + B_HI] == hi:
            return row
        slot = (slot + 1) & mask


@inner
def _bind(m: Array, hi: int, lo: int, port: int, rtpmap: int) -> None:
    """Note that address and port were announced with an rtpmap set; a change starts a new generation."""
    if port <= 0 or port > 65535:
        return
    mask = m[BINDINGS_MASK]
    slot = hash3(m[SEED], hi, lo, port) & mask
    row = m[BINDINGS_AT] + slot * BINDING_COLUMNS
    while m[row + B_PORT] != 0:
        if m[row + B_LO] == lo and m[row + B_PORT] == port + 1 and m[row + B_HI] == hi:
            if m[row + B_MAP] != rtpmap:
                m[row + B_MAP] = rtpmap
                m[GENERATION] += 1
            return
        slot = (slot + 1) & mask
        row = m[BINDINGS_AT] + slot * BINDING_COLUMNS
    # One place in four stays free, whatever a message announces, so that searches end.
    if m[BINDINGS_USED] * 4 >= mask * 3 or m[BINDINGS_USED] >= m[MAX_BINDINGS]:
        m[BINDINGS_REFUSED] += 1
        return
    m[row + B_HI] = hi
    m[row + B_LO] = lo
    m[row + B_PORT] = port + 1
    m[row + B_MAP] = rtpmap
    m[BINDINGS_USED] += 1
    m[GENERATION] += 1


@inner
def _rtpmap_set(m: Array, b: Array) -> int:
    """Number of the rtpmap set whose text is the scratch text; 0 holds the static types alone."""
    length = m[M_TEXT]
    if length == 0:
        return 0
    key = m[SEED]
    for k in range(length):
        key = mix(key, b[SCRATCH_TEXT + k] * 1)
    if key == 0:
        key = 1
    used = m[MAPS_USED]
    for k in range(used - 1, 0, -1):
        if m[MAP_KEYS + k] == key:
            return k
    if used >= MAX_MAPS:
        return 0
    for k in range(PAYLOAD_TYPES):
        m[CLOCKS + used * PAYLOAD_TYPES + k] = m[CLOCKS + k]
    for k in range(length):
        b[MAP_TEXTS + used * MAP_TEXT + k] = b[SCRATCH_TEXT + k]
    end = SCRATCH_TEXT + length
    p = end - length
    while p < end:
        stop = _line_end(b, p, end)
        number = _number(b, p, stop)
        name = _word_end(b, p, stop) + 1
        slash = name
        while slash < stop and b[slash] != 0x2F:
            slash += 1
        clock = _number(b, slash + 1, stop)
        if number >= 0 and number < PAYLOAD_TYPES and slash < stop and clock > 0 and m[CLOCKS + number] == 0:
            # "telephone-event" by its first and last letter and length: 15 letters, no other codec is like it.
            event = slash - name == 15 and (b[name] | 32) == 0x74 and (b[name + 14] | 32) == 0x74
            m[CLOCKS + used * PAYLOAD_TYPES + number] = -1 if event else clock
        p = stop + 1
    m[MAP_KEYS + used] = key
    m[MAPS_USED] = used + 1
    return used


@inner
def _candidate(m: Array, buf: Array, p: int, end: int) -> None:
    """Note the UDP address in the value of an a=candidate line."""
    udp = -1
    for index in range(7):
        stop = _word_end(buf, p, end)
        if stop == p:
            return
        if (index == 2 or index == 3) and stop - p == 3 and (buf[p] | 32) == 0x75 and (buf[p + 1] | 32) == 0x64:
            udp = index
        following = stop + 1 if stop < end else end
        if udp >= 0 and index == udp + 2:
            known, hi, lo = read_address(buf, p, stop)
            port = _number(buf, following, end)
            if known and port > 0 and m[M_NOTED] < MAX_SCRATCH:
                row = SCRATCH_ADDRESSES + m[M_NOTED] * 3
                m[row] = hi
                m[row + 1] = lo
                m[row + 2] = port
                m[M_NOTED] += 1
            return
        p = following


@inner
def _close_section(m: Array, b: Array) -> None:
    """Bind what the m-section at hand announced."""
    rtpmap = _rtpmap_set(m, b)
    if m[M_KNOWN] == 1 and m[M_PORT] > 0:
        _bind(m, m[M_HI], m[M_LO], m[M_PORT], rtpmap)
    for k in range(m[M_NOTED]):
        row = SCRATCH_ADDRESSES + k * 3
        _bind(m, m[row], m[row + 1], m[row + 2], rtpmap)


@inner
def _media_line(m: Array, buf: Array, p: int, end: int) -> bool:
    """Begin the m-section of the line buf[p:end]; whether its profile is one of RTP."""
    for column in range(3):
        m[M_KNOWN + column] = m[S_KNOWN + column]
    m[M_NOTED] = 0
    m[M_TEXT] = 0
    q = _word_end(buf, p + 2, end)
    q = q + 1 if q < end else end
    m[M_PORT] = _number(buf, q, end)
    q = _word_end(buf, q, end)
    q = q + 1 if q < end else end
    for k in range(q, _word_end(buf, q, end) - 2):
        if buf[k] == 0x52 and buf[k + 1] == 0x54 and buf[k + 2] == 0x50:
            return True
    return False


@inner
def _connection_line(m: Array, buf: Array, p: int, end: int, column: int) -> None:
    """Note the address of a c= line at m[column]."""
    q = _word_end(buf, p + 5, end)
    q = q + 1 if q < end else end
    stop = q
    while stop < end and buf[stop] > _SPACE and buf[stop] != 0x2F:
        stop += 1
    known, hi, lo = read_address(buf, q, stop)
    m[column] = 1 if known else 0
    m[column + 1] = hi
    m[column + 2] = lo


@inner
def _attribute_line(m: Array, b: Array, buf: Array, p: int, end: int) -> None:
    """Take a=rtpmap and a=candidate of the m-section at hand."""
    if buf[p + 2] == 0x72 and buf[p + 3] == 0x74 and buf[p + 4] == 0x70 and buf[p + 5] == 0x6D and buf[p + 8] == 0x3A:
        size, at = end - (p + 9), m[M_TEXT]
        if size > 0 and at + size + 1 <= MAP_TEXT:
            for k in range(size):
                b[SCRATCH_TEXT + at + k] = buf[p + 9 + k]
            b[SCRATCH_TEXT + at + size] = _LF
            m[M_TEXT] = at + size + 1
    elif buf[p + 2] == 0x63 and buf[p + 3] == 0x61 and buf[p + 11] == 0x3A:
        _candidate(m, buf, p + 12, end)


@inner
def announce(m: Array, b: Array, buf: Array, p: int, end: int) -> None:
    """Read the SDP in the body of the SIP message buf[p:end] and note what it announces. No body, no SDP: nothing."""
    # To the empty line that ends the header fields.
    while p + 1 < end and not (buf[p] == _LF and (buf[p + 1] == _LF or (buf[p + 1] == _CR and p + 2 < end and buf[p + 2] == _LF))):
        p += 1
    p += 1
    in_sdp, in_rtp = False, False
    while p + 2 < end:
        stop = _line_end(buf, p, end)
        last = stop - 1 if stop > p and buf[stop - 1] == _CR else stop
        kind = buf[p]
        if buf[p + 1] != 0x3D:
            p = stop + 1
            continue
        if kind == 0x76 or (in_sdp and kind == 0x6D):
            if in_rtp:
                _close_section(m, b)
            in_rtp = False
            if kind == 0x76:
                in_sdp = True
                m[S_KNOWN] = 0
            else:
                in_rtp = _media_line(m, buf, p, last)
        elif in_sdp and kind == 0x63 and last - p > 9 and buf[p + 2] == 0x49 and buf[p + 4] == _SPACE:
            _connection_line(m, buf, p, last, M_KNOWN if in_rtp else S_KNOWN)
        elif in_rtp and kind == 0x61 and last - p > 12:
            _attribute_line(m, b, buf, p, last)
        p = stop + 1
    if in_rtp:
        _close_section(m, b)
