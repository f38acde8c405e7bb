"""Compiled looks at one part of a message each: start line, Via, kind of body, and whether text must be rewritten.

Serves `scan_message`; see there and `scan_text` on what positions and problems mean.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from siplens.sip import layout
from siplens.sip.layout import BAD_BRANCH, BAD_REQUEST_URI, BAD_SPACING, BAD_START_LINE, BAD_STATUS, BAD_VERSION, BAD_VIA
from siplens.sip.scan_text import BRANCH_NAME, contains, lower, number, param, skip, starts, trim

_COOKIE = np.frombuffer(b"z9hg4bk", np.uint8)
_SIP = np.frombuffer(b"sip/", np.uint8)
_VERSION = np.frombuffer(b"sip/2.0", np.uint8)
_SDP = np.frombuffer(b"sdp", np.uint8)
_PLAIN_SDP = np.frombuffer(b"application/sdp", np.uint8)
_QUALITY = np.frombuffer(b"vq-rtcpxr", np.uint8)
_MULTIPART = np.frombuffer(b"multipart/", np.uint8)
_INLINE = np.frombuffer(b"inline", np.uint8)
_KEY_MGMT = np.frombuffer(b"key-mgmt", np.uint8)


@nb.njit(nogil=True)
def is_utf8(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    """RFC 3629 section 4: shortest forms only, no surrogates."""
    seen = 0
    for p in range(a, b):
        seen |= buffer[p]
    if seen < 128:
        return True
    p = a
    while p < b:
        c = buffer[p]
        p += 1
        if c < 128:
            continue
        low, high = 128, 191
        if 194 <= c <= 223:
            more = 1
        elif 224 <= c <= 239:
            more = 2
            if c == 224:
                low = 160
            elif c == 237:
                high = 159
        elif 240 <= c <= 244:
            more = 3
            if c == 240:
                low = 144
            elif c == 244:
                high = 143
        else:
            return False
        if p + more > b:
            return False
        for k in range(more):
            c = buffer[p + k]
            if c < low or c > high:
                return False
            low, high = 128, 191
        p += more
    return True


@nb.njit(nogil=True)
def has_secret(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    """True where the body may carry keys: `inline:`, `key-mgmt:`, or a line that begins with k=."""
    for p in range(a, b):
        c = buffer[p]
        if c == 58:
            if (p - a >= 6 and starts(buffer, p - 6, p, _INLINE)) or (p - a >= 8 and starts(buffer, p - 8, p, _KEY_MGMT)):
                return True
        elif c == 61 and p > a and lower(buffer[p - 1]) == 107 and (p - 1 == a or buffer[p - 2] == 10 or buffer[p - 2] == 13):
            return True
    return False


@nb.njit(nogil=True)
def start_line(
    buffer: NDArray[np.uint8], a: int, b: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64], i: int
) -> int:
    """Request-Line or Status-Line (RFC 3261 7.1, 7.2). Returns problems."""
    problems = 0
    at[layout.START_LINE, i], size[layout.START_LINE, i] = a, b - a
    first = a
    while first < b and buffer[first] != 32:
        first += 1
    if starts(buffer, a, b, _SIP):
        if not (first - a == 7 and starts(buffer, a, b, _VERSION)):
            problems |= BAD_VERSION
        p = skip(buffer, first, b)
        second = p
        while second < b and buffer[second] != 32:
            second += 1
        status = number(buffer, p, second)
        if second - p != 3 or status < 100 or status > 699:
            problems |= BAD_STATUS
            status = status if 0 < status < 1000 else 0
        numbers[layout.STATUS, i] = status
        if p != first + 1:
            problems |= BAD_SPACING
        if second < b:
            at[layout.REASON_PHRASE, i], size[layout.REASON_PHRASE, i] = second + 1, b - second - 1
        return problems
    at[layout.METHOD, i], size[layout.METHOD, i] = a, first - a
    end = trim(buffer, a, b)
    if end != b:
        problems |= BAD_SPACING
    last = end
    while last > first and buffer[last - 1] != 32:
        last -= 1
    if first == a or last <= first + 1 or not starts(buffer, last, end, _SIP):
        at[layout.REQUEST_URI, i], size[layout.REQUEST_URI, i] = first, max(end - first, 0)
        if first < end:
            p = skip(buffer, first, end)
            at[layout.REQUEST_URI, i], size[layout.REQUEST_URI, i] = p, end - p
        else:
            size[layout.REQUEST_URI, i] = -1
        return problems | BAD_START_LINE
    if not (end - last == 7 and starts(buffer, last, end, _VERSION)):
        problems |= BAD_VERSION
    p = skip(buffer, first, last)
    q = trim(buffer, p, last)
    if p != first + 1 or q != last - 1:
        problems |= BAD_SPACING
    at[layout.REQUEST_URI, i], size[layout.REQUEST_URI, i] = p, q - p
    host = False
    for k in range(p, q):
        c = buffer[k]
        host |= c == 64
        if c <= 32 or c == 60 or c == 62 or c == 34 or (c == 63 and host):
            problems |= BAD_REQUEST_URI
    return problems


@nb.njit(nogil=True)
def via(buffer: NDArray[np.uint8], a: int, b: int, at: NDArray[np.int64], size: NDArray[np.int64], i: int) -> int:
    """The topmost Via (RFC 3261 20.42): SIP / 2.0 / transport, sent-by, parameters. Returns problems."""
    p = a
    for _ in range(2):
        while p < b and buffer[p] != 47 and buffer[p] != 59 and buffer[p] != 44:
            p += 1
        if p >= b or buffer[p] != 47:
            return BAD_VIA
        p += 1
    p = skip(buffer, p, b)
    q = p
    while q < b and buffer[q] != 32 and buffer[q] != 9 and buffer[q] != 59 and buffer[q] != 44:
        q += 1
    at[layout.VIA_TRANSPORT, i], size[layout.VIA_TRANSPORT, i] = p, q - p
    p = skip(buffer, q, b)
    q = p
    while q < b and buffer[q] != 59 and buffer[q] != 44:
        q += 1
    end = trim(buffer, p, q)
    if end == p:
        return BAD_VIA
    at[layout.SENT_BY, i], size[layout.SENT_BY, i] = p, end - p
    found, length, problems = param(buffer, q, b, BRANCH_NAME, True)
    at[layout.BRANCH, i], size[layout.BRANCH, i] = found, length
    if length == 7 and starts(buffer, found, found + length, _COOKIE):
        problems |= BAD_BRANCH
    return problems


@nb.njit(nogil=True)
def body_kind_of(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """What the Content-Type at a..b means for the scan; -1 where the body must be taken apart in Python."""
    if starts(buffer, a, b, _PLAIN_SDP) and (b - a == 15):
        return layout.SDP_BODY
    if starts(buffer, a, b, _MULTIPART):
        return -1
    if contains(buffer, a, b, _SDP):
        return layout.ODD_SDP_BODY
    return layout.QUALITY_BODY if contains(buffer, a, b, _QUALITY) else layout.OTHER_BODY
