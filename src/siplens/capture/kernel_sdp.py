"""SDP in the compiled pass: which addresses and ports a message announces for RTP, and with which clocks.

Only what binds flows is read here, at the place in the packet order where it was said; siplens.sip reads SDP in full.
Announced are m-lines with an RTP profile (RFC 8866 5.14) and their ICE candidates (RFC 8839 and the older draft).
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be32, hash3, inner, mix
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_text import line_end, read_address, read_number, word_end

_SPACE, _CR, _LF = 0x20, 0x0D, 0x0A
_UDPT = 0x75647074
""""udpt" of udptl, in lower case."""


@inner
def find_binding(m: Array, hi: int, lo: int, port: int) -> int:
    """Row of an announced address and port, -1 where it was not announced."""
    mask = m[k.BINDINGS_MASK]
    slot = hash3(m[k.SEED], hi, lo, port) & mask
    while True:
        row = m[k.BINDINGS_AT] + slot * k.BINDING_COLUMNS
        if m[row + k.B_PORT] == 0:
            return -1
        if m[row + k.B_LO] == lo and m[row + k.B_PORT] == port + 1 and m[row + k.B_HI] == hi:
            return row
        slot = (slot + 1) & mask


@inner
def announced_at(lo: int, port: int) -> int:
    """Place in the table of generations for an address and port; others may share it."""
    return k.ANNOUNCED + (mix(port, lo) & (k.MAX_ANNOUNCED - 1))


@inner
def _bind(m: Array, hi: int, lo: int, port: int, rtpmap: int, kind: int) -> None:
    """Note that address and port were announced with an rtpmap set; a change starts a new generation."""
    if port <= 0 or port > 65535:
        return
    mask = m[k.BINDINGS_MASK]
    slot = hash3(m[k.SEED], hi, lo, port) & mask
    row = m[k.BINDINGS_AT] + slot * k.BINDING_COLUMNS
    while m[row + k.B_PORT] != 0:
        if m[row + k.B_LO] == lo and m[row + k.B_PORT] == port + 1 and m[row + k.B_HI] == hi:
            if m[row + k.B_MAP] != rtpmap or m[row + k.B_KIND] != kind:
                m[row + k.B_MAP] = rtpmap
                m[row + k.B_KIND] = kind
                m[k.GENERATION] += 1
                m[announced_at(lo, port)] = m[k.GENERATION]
            return
        slot = (slot + 1) & mask
        row = m[k.BINDINGS_AT] + slot * k.BINDING_COLUMNS
    # One place in four stays free, whatever a message announces, so that searches end.
    if m[k.BINDINGS_USED] * 4 >= mask * 3 or m[k.BINDINGS_USED] >= m[k.MAX_BINDINGS]:
        m[k.BINDINGS_REFUSED] += 1
        return
    m[row + k.B_HI] = hi
    m[row + k.B_LO] = lo
    m[row + k.B_PORT] = port + 1
    m[row + k.B_MAP] = rtpmap
    m[row + k.B_KIND] = kind
    m[k.BINDINGS_USED] += 1
    m[k.GENERATION] += 1
    m[announced_at(lo, port)] = m[k.GENERATION]


@inner
def _rtpmap_set(m: Array, b: Array) -> int:
    """Number of the rtpmap set whose text is the scratch text; 0 holds the static types alone."""
    length = m[k.M_TEXT]
    if length == 0:
        return 0
    key = m[k.SEED]
    for at in range(length):
        key = mix(key, b[k.SCRATCH_TEXT + at] * 1)
    if key == 0:
        key = 1
    used = m[k.MAPS_USED]
    for at in range(used - 1, 0, -1):
        if m[k.MAP_KEYS + at] == key:
            return at
    if used >= k.MAX_MAPS:
        return 0
    for at in range(k.PAYLOAD_TYPES):
        m[k.CLOCKS + used * k.PAYLOAD_TYPES + at] = m[k.CLOCKS + at]
    for at in range(length):
        b[k.MAP_TEXTS + used * k.MAP_TEXT + at] = b[k.SCRATCH_TEXT + at]
    end = k.SCRATCH_TEXT + length
    p = end - length
    while p < end:
        stop = line_end(b, p, end)
        number = read_number(b, p, stop)
        name = word_end(b, p, stop) + 1
        slash = name
        while slash < stop and b[slash] != 0x2F:
            slash += 1
        clock = read_number(b, slash + 1, stop)
        if number >= 0 and number < k.PAYLOAD_TYPES and slash < stop and clock > 0 and m[k.CLOCKS + number] == 0:
            # "telephone-event" by its first and last letter and length: 15 letters, no other codec is like it.
            event = slash - name == 15 and (b[name] | 32) == 0x74 and (b[name + 14] | 32) == 0x74
            m[k.CLOCKS + used * k.PAYLOAD_TYPES + number] = -1 if event else clock
        p = stop + 1
    m[k.MAP_KEYS + used] = key
    m[k.MAPS_USED] = used + 1
    return used


@inner
def _candidate(m: Array, buf: Array, p: int, end: int) -> None:
    """Note the UDP address in the value of an a=candidate line."""
    udp = -1
    for index in range(7):
        stop = word_end(buf, p, end)
        if stop == p:
            return
        if (index == 2 or index == 3) and stop - p == 3 and (buf[p] | 32) == 0x75 and (buf[p + 1] | 32) == 0x64:
            udp = index
        following = stop + 1 if stop < end else end
        if udp >= 0 and index == udp + 2:
            known, hi, lo = read_address(buf, p, stop)
            port = read_number(buf, following, end)
            if known and port > 0 and m[k.M_NOTED] < k.MAX_SCRATCH:
                row = k.SCRATCH_ADDRESSES + m[k.M_NOTED] * 3
                m[row] = hi
                m[row + 1] = lo
                m[row + 2] = port
                m[k.M_NOTED] += 1
            return
        p = following


@inner
def _close_section(m: Array, b: Array) -> None:
    """Bind what the m-section at hand announced."""
    rtpmap = _rtpmap_set(m, b)
    if m[k.M_KNOWN] == 1 and m[k.M_PORT] > 0:
        _bind(m, m[k.M_HI], m[k.M_LO], m[k.M_PORT], rtpmap, m[k.M_KIND])
        if m[k.M_KIND] & k.MEDIA_T38:
            m[k.SIDE_BOUND] += 1
    for at in range(m[k.M_NOTED]):
        row = k.SCRATCH_ADDRESSES + at * 3
        _bind(m, m[row], m[row + 1], m[row + 2], rtpmap, m[k.M_KIND])


@inner
def _media_line(m: Array, buf: Array, p: int, end: int) -> bool:
    """Begin the m-section of the line buf[p:end]; whether its profile is one of RTP, or UDPTL, that of T.38 fax."""
    for column in range(3):
        m[k.M_KNOWN + column] = m[k.S_KNOWN + column]
    m[k.M_NOTED] = 0
    m[k.M_TEXT] = 0
    q = word_end(buf, p + 2, end)
    m[k.M_KIND] = k.MEDIA_OTHER
    if q - p == 7:
        # "audio" and "video", told by their first letter; no other kind of media has five (RFC 8866 5.14).
        m[k.M_KIND] = k.MEDIA_AUDIO if (buf[p + 2] | 32) == 0x61 else (k.MEDIA_VIDEO if (buf[p + 2] | 32) == 0x76 else k.MEDIA_OTHER)
    q = q + 1 if q < end else end
    m[k.M_PORT] = read_number(buf, q, end)
    q = word_end(buf, q, end)
    q = q + 1 if q < end else end
    stop = word_end(buf, q, end)
    if stop - q == 5 and be32(buf, q) | 0x20202020 == _UDPT:
        m[k.M_KIND] = k.MEDIA_OTHER | k.MEDIA_T38
        return True
    for at in range(q, stop - 2):
        if buf[at] == 0x52 and buf[at + 1] == 0x54 and buf[at + 2] == 0x50:
            if at + 5 <= stop and buf[at + 4] == 0x53:
                m[k.M_KIND] |= k.MEDIA_SECURE
            return True
    return False


@inner
def _next_section(m: Array, buf: Array, p: int, end: int, port: int, length: int) -> bool:
    """As `_media_line`, behind an m-section of RTP with that port and length of rtpmap text.

    On the same port both go on: types differ within a bundle (RFC 8843 7.2, 9.1), and which kind of media a packet is only they say.
    """
    in_rtp = _media_line(m, buf, p, end)
    if in_rtp and port > 0 and m[k.M_PORT] == port and m[k.M_KIND] & k.MEDIA_T38 == 0:
        m[k.M_TEXT] = length
        m[k.M_KIND] &= ~3
    return in_rtp


@inner
def _connection_line(m: Array, buf: Array, p: int, end: int, column: int) -> None:
    """Note the address of a c= line at m[column]."""
    q = word_end(buf, p + 5, end)
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
        size, at = end - (p + 9), m[k.M_TEXT]
        if size > 0 and at + size + 1 <= k.MAP_TEXT:
            for index in range(size):
                b[k.SCRATCH_TEXT + at + index] = buf[p + 9 + index]
            b[k.SCRATCH_TEXT + at + size] = _LF
            m[k.M_TEXT] = at + size + 1
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
        stop = line_end(buf, p, end)
        last = stop - 1 if stop > p and buf[stop - 1] == _CR else stop
        kind = buf[p]
        if buf[p + 1] != 0x3D:
            p = stop + 1
            continue
        if kind == 0x76 or (in_sdp and kind == 0x6D):
            before = 0
            if in_rtp:
                _close_section(m, b)
                before = 1
            in_rtp = False
            if kind == 0x76:
                in_sdp = True
                m[k.S_KNOWN] = 0
            else:
                in_rtp = _next_section(m, buf, p, last, m[k.M_PORT] * before, m[k.M_TEXT])
        elif in_sdp and kind == 0x63 and last - p > 9 and buf[p + 2] == 0x49 and buf[p + 4] == _SPACE:
            _connection_line(m, buf, p, last, k.M_KNOWN if in_rtp else k.S_KNOWN)
        elif in_rtp and kind == 0x61 and last - p > 12:
            _attribute_line(m, b, buf, p, last)
        p = stop + 1
    if in_rtp:
        _close_section(m, b)
