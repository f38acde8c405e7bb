"""Compiled looks into header values: addresses, parameters, numbers. Serves `scan_message` and `scan_sdp`.

Positions are offsets into the buffer; a size of -1 means "not there" (NULL). Shapes are RFC 3261 section 25; what breaks them sets a
bit whose words stand in `siplens.sip.problems`.

Numba keeps compiled code by the date of the file with the entry function (scan_message, scan_sdp), not of this one:
after an edit here, remove src/siplens/sip/__pycache__/scan_*.nb? (the tests' conftest does).
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from siplens.sip.layout import BRACKETS, DISPLAY, QUOTES, SEPARATORS, UNBRACKETED, URI_SPACES

TAG_NAME = np.frombuffer(b"tag", np.uint8)
BRANCH_NAME = np.frombuffer(b"branch", np.uint8)
_TEL = np.frombuffer(b"tel:", np.uint8)


@nb.njit(nogil=True)
def lower(c: int) -> int:
    return c + 32 if 65 <= c <= 90 else c


@nb.njit(nogil=True)
def starts(buffer: NDArray[np.uint8], a: int, b: int, word: NDArray[np.uint8]) -> bool:
    if b - a < word.size:
        return False
    for k in range(word.size):  # noqa: SIM110
        if lower(buffer[a + k]) != word[k]:
            return False
    return True


@nb.njit(nogil=True)
def contains(buffer: NDArray[np.uint8], a: int, b: int, word: NDArray[np.uint8]) -> bool:
    for p in range(a, b - word.size + 1):  # noqa: SIM110
        if starts(buffer, p, b, word):
            return True
    return False


@nb.njit(nogil=True)
def skip(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    while a < b and (buffer[a] == 32 or buffer[a] == 9):
        a += 1
    return a


@nb.njit(nogil=True)
def trim(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    while b > a and (buffer[b - 1] == 32 or buffer[b - 1] == 9 or buffer[b - 1] == 13):
        b -= 1
    return b


@nb.njit(nogil=True)
def number(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """Digits as a number; -1 where there are none, other characters, or more than 18."""
    if a >= b or b - a > 18:
        return -1
    value = 0
    for p in range(a, b):
        if buffer[p] < 48 or buffer[p] > 57:
            return -1
        value = value * 10 + (buffer[p] - 48)
    return value


@nb.njit(nogil=True)
def param(buffer: NDArray[np.uint8], a: int, b: int, name: NDArray[np.uint8], is_list: bool) -> tuple[int, int, int]:
    """Position, size (-1: none) and problems of parameter `name` in `*( ; name [ = value ] )`, which may begin with spaces."""
    at, size, problems = 0, -1, 0
    p = skip(buffer, a, b)
    while p < b:
        if buffer[p] == 44 and is_list:
            q = skip(buffer, p + 1, b)
            if q == b or buffer[q] == 44 or buffer[q] == 59:
                problems |= SEPARATORS
            break
        if buffer[p] != 59:
            problems |= SEPARATORS
            while p < b and buffer[p] != 59 and not (is_list and buffer[p] == 44):
                p += 1
            continue
        p = skip(buffer, p + 1, b)
        first = p
        while p < b and buffer[p] != 59 and buffer[p] != 61 and buffer[p] != 44 and buffer[p] != 32 and buffer[p] != 9:
            p += 1
        last = p
        if first == last:
            problems |= SEPARATORS
        p = skip(buffer, p, b)
        if p >= b or buffer[p] != 61:
            continue
        p = skip(buffer, p + 1, b)
        begin, quoted = p, False
        while p < b:
            c = buffer[p]
            if quoted:
                if c == 92:
                    p += 1
                elif c == 34:
                    quoted = False
            elif c == 34:
                quoted = True
            elif c == 59 or c == 32 or c == 9 or (c == 44 and is_list):
                break
            p += 1
        p = min(p, b)
        if quoted:
            problems |= QUOTES
        if p == begin:
            problems |= SEPARATORS
        elif size < 0 and last - first == name.size and starts(buffer, first, last, name):
            at, size = begin, p - begin
        p = skip(buffer, p, b)
    return at, size, problems


@nb.njit(nogil=True)
def _angle(buffer: NDArray[np.uint8], a: int, b: int, is_list: bool, heed_quotes: bool) -> tuple[int, int, bool]:
    """Position of '<' outside quotes (-1: none), end of the first value, and whether a quoted string stayed open."""
    quoted, p = False, a
    while p < b:
        c = buffer[p]
        if quoted:
            if c == 92:
                p += 1
            elif c == 34:
                quoted = False
        elif c == 34 and heed_quotes:
            quoted = True
        elif c == 60:
            return p, b, False
        elif c == 44 and is_list:
            return -1, p, False
        p += 1
    return -1, b, quoted


@nb.njit(nogil=True)
def _user(buffer: NDArray[np.uint8], a: int, b: int) -> tuple[int, int]:
    """User part of a URI, without password and parameters: userinfo of sip:, the number of tel:. Size -1 where there is none."""
    colon = a
    while colon < b and buffer[colon] != 58:
        colon += 1
    sign = colon + 1
    while sign < b and buffer[sign] != 64:
        sign += 1
    if sign >= b:
        if not starts(buffer, a, b, _TEL):
            return 0, -1
        sign = b
    p = colon + 1
    while p < sign and buffer[p] != 58 and buffer[p] != 59:
        p += 1
    return colon + 1, p - colon - 1


@nb.njit(nogil=True)
def address(
    buffer: NDArray[np.uint8], a: int, b: int, is_list: bool, at: NDArray[np.int64], size: NDArray[np.int64], i: int, uri: int
) -> int:
    """Looks into From, To or Contact (RFC 3261 20.10). Fills rows uri, uri + 1 (user), + 2 (display), + 3 (tag). Returns problems."""
    problems = 0
    left, end, is_open = _angle(buffer, a, b, is_list, True)
    if is_open:
        problems |= QUOTES
        left, end, is_open = _angle(buffer, a, b, is_list, False)
    if left < 0:
        right = a
        while right < end and buffer[right] != 59:
            if buffer[right] == 63:
                problems |= UNBRACKETED
            right += 1
        first, last, tail = a, trim(buffer, a, right), right
    else:
        right = left + 1
        while right < b and buffer[right] != 62:
            right += 1
        if right == b:
            problems |= BRACKETS
        first = skip(buffer, left + 1, right)
        last = trim(buffer, first, right)
        if first != left + 1 or last != right:
            problems |= URI_SPACES
        tail = min(right + 1, b)
        shown, shown_end = a, trim(buffer, a, left)
        if shown < shown_end and buffer[shown] == 34:
            shown += 1
            q = shown
            while q < shown_end and buffer[q] != 34:
                q += 2 if buffer[q] == 92 else 1
            shown_end = min(q, shown_end)
            at[uri + 2, i], size[uri + 2, i] = shown, shown_end - shown
        elif shown < shown_end:
            at[uri + 2, i], size[uri + 2, i] = shown, shown_end - shown
            for q in range(shown, shown_end):
                c = buffer[q]
                # "token" of RFC 3261 25.1 has no separators; a comma here is the usual fault.
                if c < 128 and (c == 44 or c == 34 or c == 58 or c == 59 or c == 64 or c == 40 or c == 41 or c == 91 or c == 93):
                    problems |= DISPLAY
    for q in range(first, last):
        if buffer[q] == 32 or buffer[q] == 9:
            problems |= URI_SPACES
    at[uri, i], size[uri, i] = first, last - first
    at[uri + 1, i], size[uri + 1, i] = _user(buffer, first, last)
    found, length, wrong = param(buffer, tail, b if left >= 0 else end, TAG_NAME, is_list)
    at[uri + 3, i], size[uri + 3, i] = found, length
    return problems | wrong


@nb.njit(nogil=True)
def word(buffer: NDArray[np.uint8], a: int, b: int) -> tuple[int, int]:
    """Begin and end of the next word between spaces; both b where there is none."""
    while a < b and (buffer[a] == 32 or buffer[a] == 9):
        a += 1
    e = a
    while e < b and buffer[e] != 32 and buffer[e] != 9:
        e += 1
    return a, e


@nb.njit(nogil=True)
def decimal(buffer: NDArray[np.uint8], a: int, b: int) -> float:
    """Digits with at most one point, as a number; -1 where it is none."""
    if a >= b or b - a > 30:
        return -1.0
    value, scale, points = 0.0, 1.0, 0
    for p in range(a, b):
        c = buffer[p]
        if c == 46 and points == 0:
            points = 1
        elif 48 <= c <= 57:
            value = value * 10.0 + (c - 48)
            if points:
                scale *= 10.0
        else:
            return -1.0
    return value / scale
