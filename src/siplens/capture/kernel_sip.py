"""What is SIP, in the compiled pass: start lines by content on any port, and what text in a TCP stream may become.

A start line is judged as Wireshark 4.0 does (RFC 3261 7.1, 7.2): a request has three words, the second with a colon,
the third "SIP/2.0"; a response begins with "SIP/2.0 " and three digits. Any method name will do.
"""

from __future__ import annotations

from siplens.capture.kernel_bytes import be16, be32, be64, inner
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_text import line_end, read_number

LINE_OTHER, LINE_UNDECIDED, LINE_SIP = range(3)
_SPACE, _TAB, _CR, _LF, _COLON = 0x20, 0x09, 0x0D, 0x0A, 0x3A
_CONTENT_ = 0x636F6E74656E742D
""""content-", in lower case."""
_MAX_LINE = 8192
_SLASH = 0x2F
_MSRP, _HTTP, _RTSP, _POST, _SWITCHING = 0x4D535250, 0x48545450, 0x52545350, 0x504F5354, 0x20313031


@inner
def _version_at(buf: Array, p: int) -> bool:
    """Whether SIP/2.0 stands at p; seven bytes must be there."""
    return bool(
        buf[p] == 0x53
        and buf[p + 1] == 0x49
        and buf[p + 2] == 0x50
        and buf[p + 3] == 0x2F
        and buf[p + 4] == 0x32
        and buf[p + 5] == 0x2E
        and buf[p + 6] == 0x30
    )


@inner
def holds_version(buf: Array, p: int, end: int) -> bool:
    """Whether SIP/2.0 stands anywhere in buf[p:end]."""
    for at in range(p, end - 6):
        if buf[at] == 0x53 and _version_at(buf, at):
            return True
    return False


@inner
def start_line(buf: Array, p: int, end: int) -> int:
    """LINE_SIP where a SIP start line begins at p, LINE_UNDECIDED where bytes up to end could become one, else LINE_OTHER."""
    if p >= end:
        return LINE_UNDECIDED
    first = buf[p]
    if first <= _SPACE or first > 0x7E:
        return LINE_OTHER
    if p + 7 <= end and _version_at(buf, p):
        if p + 11 > end:
            return LINE_UNDECIDED
        if buf[p + 7] != _SPACE:
            return LINE_OTHER
        for k in range(p + 8, p + 11):
            if buf[k] < 0x30 or buf[k] > 0x39:
                return LINE_OTHER
        if p + 11 == end:
            return LINE_UNDECIDED
        # Without the space before an absent reason phrase it is not to the letter of RFC 3261 7.2, but it is SIP.
        if buf[p + 11] != _SPACE and buf[p + 11] != _CR and buf[p + 11] != _LF:
            return LINE_OTHER
        for k in range(p + 11, min(end, p + _MAX_LINE)):
            if buf[k] == _LF:
                break
            if buf[k] == 0:
                return LINE_OTHER
        return LINE_SIP
    limit = p + _MAX_LINE if p + _MAX_LINE < end else end
    q = p
    while q < limit and buf[q] > _SPACE and buf[q] < 0x7F and q - p <= 64:
        q += 1
    if q == limit:
        return LINE_UNDECIDED if limit == end else LINE_OTHER
    if buf[q] != _SPACE or q == p or q - p > 64:
        return LINE_OTHER
    q += 1
    colon = False
    while q < limit and buf[q] != _SPACE:
        c = buf[q]
        if c == _CR or c == _LF or c == 0:
            return LINE_OTHER
        if c == _COLON:
            colon = True
        q += 1
    if q == limit:
        return LINE_UNDECIDED if limit == end else LINE_OTHER
    if not colon:
        return LINE_OTHER
    q += 1
    if q + 7 > end:
        for k in range(q, end):
            if buf[k] < _SPACE:
                return LINE_OTHER
        return LINE_UNDECIDED
    if not _version_at(buf, q):
        return LINE_OTHER
    if q + 7 == end:
        return LINE_SIP
    return LINE_SIP if buf[q + 7] == _CR or buf[q + 7] == _LF else LINE_OTHER


@inner
def skip_line_ends(buf: Array, p: int, end: int) -> int:
    """First position from p that is neither carriage return nor line feed: keep-alives between messages (RFC 5626 4.4.1)."""
    while p < end and (buf[p] == _CR or buf[p] == _LF):
        p += 1
    return p


@inner
def _content_length(buf: Array, p: int, end: int) -> int:
    """Value of the header field buf[p:end] where it is Content-Length or l (RFC 3261 20.14), else -1."""
    q = p + 1
    if p + 15 <= end and be64(buf, p) | 0x2020202020202020 == _CONTENT_:
        # The rest of the name, in lower case: "length".
        if be32(buf, p + 8) | 0x20202020 != 0x6C656E67 or be16(buf, p + 12) | 0x2020 != 0x7468:
            return -1
        q = p + 14
    elif (buf[p] | 32) != 0x6C:
        return -1
    while q < end and (buf[q] == _SPACE or buf[q] == _TAB):
        q += 1
    if q >= end or buf[q] != _COLON:
        return -1
    q += 1
    while q < end and (buf[q] == _SPACE or buf[q] == _TAB):
        q += 1
    return read_number(buf, q, end)


@inner
def message_end(buf: Array, p: int, end: int) -> int:
    """End of the SIP message that begins at p, by its Content-Length; -1 where it is not whole, or does not say."""
    if start_line(buf, p, end) != LINE_SIP:
        return -1
    size = -1
    p = line_end(buf, p, end) + 1
    while p < end:
        stop = line_end(buf, p, end)
        if stop >= end:
            return -1
        if stop == p or (stop == p + 1 and buf[p] == _CR):
            p = stop + 1
            return p + size if size >= 0 and p + size <= end else -1
        first = buf[p] | 32
        if size < 0 and (first == 0x63 or first == 0x6C):
            size = _content_length(buf, p, stop)
        p = stop + 1
    return -1


@inner
def _is_another(buf: Array, p: int) -> bool:
    """Whether twelve bytes begin a message of a protocol that may hold SIP as its content: MSRP (RFC 4975 9), RTSP, HTTP but for 101."""
    word = be32(buf, p)
    if word == _MSRP or word == _POST:
        return bool(buf[p + 4] == _SPACE)
    if word == _RTSP:
        return bool(buf[p + 4] == _SLASH)
    return bool(word == _HTTP and be32(buf, p + 8) != _SWITCHING)


@inner
def stream_text(buf: Array, p: int, end: int, from_start: bool, begun: bool) -> int:
    """What the payload of a TCP segment says of a direction not known yet: LINE_SIP, LINE_UNDECIDED, LINE_OTHER.

    from_start: the direction was seen from its SYN, so that its first bytes must begin a message; otherwise text may be the
    middle of one. begun: undecided text came before, which this goes on with; then any text may.
    """
    p = skip_line_ends(buf, p, end)
    if p + 12 <= end and _is_another(buf, p):
        return LINE_OTHER
    judged = start_line(buf, p, end)
    if judged == LINE_SIP or (judged == LINE_UNDECIDED and not begun):
        return judged
    if from_start and not begun:
        return LINE_OTHER
    limit = p + 32 if p + 32 < end else end
    for k in range(p, limit):
        c = buf[k]
        if c < 9 or (c > 13 and c < _SPACE) or c == 0x7F:
            return LINE_OTHER
    if begun:
        return LINE_UNDECIDED
    limit = p + 1600 if p + 1600 < end - 6 else end - 6
    for k in range(p, limit):
        if buf[k] == 0x53 and _version_at(buf, k):
            return LINE_UNDECIDED
    return LINE_OTHER
