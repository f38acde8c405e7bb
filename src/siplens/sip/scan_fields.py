"""Compiled looks at what is no header: start line, kind of body, what must be rewritten before it is stored. See `scan_text`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner
from siplens.sip import layout as la
from siplens.sip.scan_text import LOWER, contains, find, is_token, number, put, skip, starts, trim, until

_SIP = np.frombuffer(b"sip/", np.uint8)
_VERSION = np.frombuffer(b"sip/2.0", np.uint8)
_SDP = np.frombuffer(b"sdp", np.uint8)
_PLAIN_SDP = np.frombuffer(b"application/sdp", np.uint8)
_QUALITY = np.frombuffer(b"vq-rtcpxr", np.uint8)
_MULTIPART = np.frombuffer(b"multipart/", np.uint8)
_INLINE = np.frombuffer(b"inline", np.uint8)
_KEY_MGMT = np.frombuffer(b"key-mgmt", np.uint8)
_NOT_IN_URI = np.zeros(256, np.bool_)
_NOT_IN_URI[:33] = True
_NOT_IN_URI[list(b'<>"')] = True


@inner
def is_utf8(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    """RFC 3629 section 4: shortest forms only, no surrogates."""
    seen = np.uint8(0)
    for p in range(a, b):
        seen |= buffer[np.uint64(p)]
    if seen < 128:
        return True
    more, low, high = 0, 128, 191
    for p in range(a, b):
        c = np.int64(buffer[np.uint64(p)])
        if more > 0:
            if c < low or c > high:
                return False
            more -= 1
            low, high = 128, 191
        elif c >= 128:
            if c < 194 or c > 244:
                return False
            more = 1 if c < 224 else 2 if c < 240 else 3
            low = 160 if c == 224 else 144 if c == 240 else 128
            high = 159 if c == 237 else 143 if c == 244 else 191
    return more == 0


@inner
def has_secret(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    """True where the body may carry keys: `inline:`, `key-mgmt:`, or a line that begins with k=."""
    p = until(buffer, a, b, la.COLON, la.EQUALS)
    while p < b:
        if buffer[np.uint64(p)] == la.COLON:
            if starts(buffer, max(p - 6, a), p, _INLINE) or starts(buffer, max(p - 8, a), p, _KEY_MGMT):
                return True
        elif p > a and LOWER[buffer[np.uint64(p - 1)]] == 107 and (p - 1 == a or buffer[np.uint64(p - 2)] < la.SPACE):
            return True
        p = until(buffer, p + 1, b, la.COLON, la.EQUALS)
    return False


@inner
def start_line(
    buffer: NDArray[np.uint8], a: int, b: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64], i: int
) -> int:
    """Request-Line or Status-Line (RFC 3261 7.1, 7.2). Returns problems."""
    put(at, size, la.START_LINE, i, a, b)
    first = find(buffer, a, b, la.SPACE)
    p = skip(buffer, first, b)
    problems = la.BAD_SPACING if p > first + 1 else 0
    if starts(buffer, a, b, _SIP):
        if first - a != _VERSION.size or not starts(buffer, a, b, _VERSION):
            problems |= la.BAD_VERSION
        second = find(buffer, p, b, la.SPACE)
        status = number(buffer, p, second)
        if second - p != 3 or status < 100 or status > 699:
            problems |= la.BAD_STATUS
            status = status if 0 < status < 1000 else 0  # not NULL, which would make it a request
        numbers[la.STATUS, i] = status
        if second < b:
            put(at, size, la.REASON_PHRASE, i, second + 1, b)
        return problems
    put(at, size, la.METHOD, i, a, first)
    end = trim(buffer, a, b)
    last = end
    while last > p and buffer[np.uint64(last - 1)] != la.SPACE:
        last -= 1
    q = trim(buffer, p, last)
    if not starts(buffer, last, end, _SIP) or q == p:
        if p < end:
            put(at, size, la.REQUEST_URI, i, p, end)
        return problems | la.BAD_START_LINE
    if end - last != _VERSION.size or not starts(buffer, last, end, _VERSION):
        problems |= la.BAD_VERSION
    if end != b or q != last - 1:
        problems |= la.BAD_SPACING
    if not is_token(buffer, a, first):
        problems |= la.BAD_START_LINE
    put(at, size, la.REQUEST_URI, i, p, q)
    host = find(buffer, p, q, la.AT)
    if find(buffer, host, q, la.QUESTION) < q:
        problems |= la.BAD_REQUEST_URI
    for k in range(p, q):
        if _NOT_IN_URI[buffer[np.uint64(k)]]:
            problems |= la.BAD_REQUEST_URI
    return problems


@inner
def body_kind_of(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """What the Content-Type at a..b means for the scan."""
    if starts(buffer, a, b, _MULTIPART):
        return la.MULTIPART
    if contains(buffer, a, b, _SDP):
        return la.SDP_BODY if b - a == _PLAIN_SDP.size and starts(buffer, a, b, _PLAIN_SDP) else la.ODD_SDP_BODY
    return la.QUALITY_BODY if contains(buffer, a, b, _QUALITY) else la.OTHER_BODY
