"""Compiled looks into From, To, Contact and Via (RFC 3261 20.10, 20.42, 25.1): addresses and parameters.

Sizes of -1 mean "not there". What breaks the grammar is returned as bits of `layout`, in words in `siplens.sip.problems`. See `scan_text`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner
from siplens.sip import layout as la
from siplens.sip.scan_text import find, is_token, put, skip, starts, trim, until

_TAG = np.frombuffer(b"tag", np.uint8)
_BRANCH = np.frombuffer(b"branch", np.uint8)
_COOKIE = np.frombuffer(b"z9hg4bk", np.uint8)
_TEL = np.frombuffer(b"tel:", np.uint8)
_NEEDS_QUOTES = np.zeros(256, np.bool_)
_NEEDS_QUOTES[list(b',":;@()[]>')] = True


@inner
def _value_end(buffer: NDArray[np.uint8], a: int, b: int, comma: int) -> tuple[int, int]:
    """End of a parameter's value, quoted strings heeded, and its problems."""
    quoted, problems = False, 0
    while a < b:
        c = buffer[np.uint64(a)]
        if c == la.QUOTE:
            quoted = not quoted
        elif quoted:
            a += c == la.BACKSLASH
        elif c == la.SEMICOLON or c == comma or c <= la.SPACE:
            break
        elif c == la.COMMA or c == la.LESS:
            problems = la.SEPARATORS
        a += 1
    return min(a, b), problems | (la.QUOTES if quoted else 0)


@inner
def param(buffer: NDArray[np.uint8], a: int, b: int, name: NDArray[np.uint8], comma: int) -> tuple[int, int, int]:
    """Position, size (-1: none) and problems of parameter `name` in `*( ; name [ = value ] )`, which may begin with spaces.

    comma: layout.COMMA where the header is a list, so that a comma ends its value; layout.NO_CHARACTER where it is not.
    """
    at, size, problems = 0, -1, 0
    p = skip(buffer, a, b)
    while p < b:
        if buffer[np.uint64(p)] == comma:
            p = skip(buffer, p + 1, b)
            if p == b or buffer[np.uint64(p)] == la.COMMA or buffer[np.uint64(p)] == la.SEMICOLON:
                problems |= la.SEPARATORS
            break
        if buffer[np.uint64(p)] != la.SEMICOLON:
            problems |= la.SEPARATORS
            p = until(buffer, p, b, la.SEMICOLON, comma)
            continue
        first = skip(buffer, p + 1, b)
        semicolon = until(buffer, first, b, la.SEMICOLON, la.COMMA)
        equals = find(buffer, first, semicolon, la.EQUALS)
        last = trim(buffer, first, equals)
        if until(buffer, first, last, la.SPACE, la.TAB) < last or until(buffer, first, last, la.QUOTE, la.LESS) < last or first == last:
            problems |= la.SEPARATORS
        p = equals
        if equals == semicolon:
            continue
        begin = skip(buffer, equals + 1, b)
        p, wrong = _value_end(buffer, begin, b, comma)
        problems |= wrong
        if p == begin:
            problems |= la.SEPARATORS
        elif size < 0 and last - first == name.size and starts(buffer, first, last, name):
            at, size = begin, p - begin
        p = skip(buffer, p, b)
    return at, size, problems


@inner
def _angle(buffer: NDArray[np.uint8], a: int, b: int, comma: int, quote: int) -> tuple[int, int, bool]:
    """Position of '<' outside quotes (-1: none), end of the first value, and whether a quoted string stayed open.

    quote: layout.QUOTE, or layout.NO_CHARACTER to take quotes for any character.
    """
    quoted = False
    while a < b:
        c = buffer[np.uint64(a)]
        if c == quote:
            quoted = not quoted
        elif quoted:
            a += c == la.BACKSLASH
        elif c == la.LESS:
            return a, b, False
        elif c == comma:
            return -1, a, False
        a += 1
    return -1, b, quoted


@inner
def _user(buffer: NDArray[np.uint8], a: int, b: int) -> tuple[int, int]:
    """User part of a URI, without password and parameters: userinfo of sip:, the number of tel:. Size -1 where there is none."""
    first = find(buffer, a, b, la.COLON) + 1
    end = find(buffer, first, b, la.AT)
    if end >= b and not starts(buffer, a, b, _TEL):
        return 0, -1
    return first, until(buffer, first, min(end, b), la.COLON, la.SEMICOLON) - first


@inner
def _display(buffer: NDArray[np.uint8], a: int, b: int) -> tuple[int, int, int]:
    """Position, size (-1: none) and problems of the display name at a..b, quotes taken off."""
    b = trim(buffer, a, b)
    if a == b:
        return 0, -1, 0
    if buffer[np.uint64(a)] == la.QUOTE:
        a += 1
        end = a
        while end < b and buffer[np.uint64(end)] != la.QUOTE:
            end += 2 if buffer[np.uint64(end)] == la.BACKSLASH else 1
        return a, min(end, b) - a, la.DISPLAY if end + 1 < b else 0
    problems = 0
    for p in range(a, b):
        if _NEEDS_QUOTES[buffer[np.uint64(p)]]:
            problems = la.DISPLAY
    return a, b - a, problems


@inner
def address(buffer: NDArray[np.uint8], a: int, b: int, comma: int, at: NDArray[np.int64], size: NDArray[np.int64], i: int, uri: int) -> int:
    """Looks into From, To or the first Contact. Fills rows uri, uri + 1 (user), + 2 (display), + 3 (tag). Returns problems."""
    problems = 0
    left, end, is_open = _angle(buffer, a, b, comma, la.QUOTE)
    if is_open:
        problems |= la.QUOTES
        left, end, is_open = _angle(buffer, a, b, comma, la.NO_CHARACTER)
    if left < 0:
        first = a
        tail = find(buffer, a, end, la.SEMICOLON)
        last = trim(buffer, a, tail)
        if until(buffer, first, last, la.QUESTION, la.COMMA) < last:
            problems |= la.UNBRACKETED
    else:
        right = find(buffer, left + 1, b, la.GREATER)
        tail = min(right + 1, b)
        first = skip(buffer, left + 1, right)
        last = trim(buffer, first, right)
        if right == b:
            problems |= la.BRACKETS
        if first != left + 1 or last != right:
            problems |= la.URI_SPACES
        at[uri + 2, i], size[uri + 2, i], wrong = _display(buffer, a, left)
        problems |= wrong
    for p in range(first, last):
        c = buffer[np.uint64(p)]
        if c <= la.SPACE:
            problems |= la.URI_SPACES
        elif c == la.LESS or c == la.GREATER or (c == la.QUOTE and left < 0):
            problems |= la.BRACKETS
    if first == last:
        problems |= la.BRACKETS
    put(at, size, uri, i, first, last)
    at[uri + 1, i], size[uri + 1, i] = _user(buffer, first, last)
    at[uri + 3, i], size[uri + 3, i], wrong = param(buffer, tail, end, _TAG, comma)
    return problems | wrong


@inner
def via(buffer: NDArray[np.uint8], a: int, b: int, at: NDArray[np.int64], size: NDArray[np.int64], i: int) -> int:
    """Looks into the topmost Via: SIP / 2.0 / transport, sent-by, branch. Returns problems."""
    end = until(buffer, a, b, la.SEMICOLON, la.COMMA)
    name_end = find(buffer, a, end, la.SLASH)
    version_end = find(buffer, name_end + 1, end, la.SLASH)
    p = skip(buffer, version_end + 1, end)
    q = until(buffer, p, end, la.SPACE, la.TAB)
    sent_by = skip(buffer, q, end)
    sent_by_end = trim(buffer, sent_by, end)
    if p >= end or sent_by >= sent_by_end:
        return la.BAD_VIA
    is_sound = is_token(buffer, a, trim(buffer, a, name_end)) and is_token(
        buffer, skip(buffer, name_end + 1, end), trim(buffer, name_end + 1, version_end)
    )
    put(at, size, la.VIA_TRANSPORT, i, p, q)
    put(at, size, la.SENT_BY, i, sent_by, sent_by_end)
    found, length, problems = param(buffer, end, b, _BRANCH, la.COMMA)
    if not is_sound:
        problems |= la.BAD_VIA
    at[la.BRANCH, i], size[la.BRANCH, i] = found, length
    if length == _COOKIE.size and starts(buffer, found, found + length, _COOKIE):
        problems |= la.BAD_BRANCH
    return problems
