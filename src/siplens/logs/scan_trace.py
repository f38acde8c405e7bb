"""The compiled look at a server trace: which records are plain component lines, and where their parts lie. Shapes: grammars/cls.lark.

Most of a trace is such lines. What is anything else (SIP, diagnostics, a bad header line, a text that needs a second look) is only marked,
and goes the way of the grammar. Tests hold both ways against each other, record by record.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner, native

LEVEL, FLAG, PLACE, MACHINE, COMPONENT, FUNCTION, TEXT = range(7)
SPANS = 7
"""Rows of `at` and `size`. MACHINE: what follows the last backslash of PLACE, unless that is a number."""

LONGEST_TEXT = 4096
_UPPER, _HEX, _DIGIT, _FLAG, _BLANK = 1, 2, 4, 8, 16
_KIND = np.zeros(256, np.uint8)
_KIND[ord("A") : ord("Z") + 1] |= _UPPER | _FLAG
_KIND[ord("_")] |= _FLAG
_KIND[ord("0") : ord("9") + 1] |= _DIGIT | _HEX
_KIND[list(b"abcdefABCDEF")] |= _HEX
_KIND[list(b" \t\n\r\v\f")] |= _BLANK
_STOP = np.zeros(256, np.uint8)
"""1 for a character that may begin a word of which texts need a second look, or is beyond ASCII."""
_STOP[128:] = 1
NEEDLES = ("inline:", "response=", "gssapi-data", "uthori", "k=", "iagnostics", "Result", "all-I", "ALL-I", "$$")
_STOP[[ord(word[0]) for word in NEEDLES]] = 1
_WORDS = np.zeros((len(NEEDLES), 12), np.uint8)
for _row, _word in enumerate(NEEDLES):
    _WORDS[_row, : len(_word)] = list(_word.encode())
_SIZES = np.array([len(word) for word in NEEDLES], np.int64)
_LPAR, _RPAR, _LSQB, _RSQB, _DOT, _COLON, _SLASH, _MINUS, _COMMA, _NEWLINE, _BACKSLASH, _SPACE = b"()[].:/-,\n\\ "
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@inner
def _run(buffer: NDArray[np.uint8], p: int, end: int, kind: int, most: int) -> int:
    """End of the run of characters of a kind that begins at p, at most so many."""
    last = min(end, p + most)
    while p < last and _KIND[buffer[np.uint64(p)]] & kind:
        p += 1
    return p


@inner
def _value(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    value = 0
    for p in range(a, b):
        value = 10 * value + buffer[np.uint64(p)] - 48
    return value


@inner
def _is(buffer: NDArray[np.uint8], p: int, end: int, character: int) -> bool:
    return p < end and buffer[np.uint64(p)] == character


@inner
def _minutes(year: int, month: int, day: int) -> int:
    """Minutes from 1970 to that day; -1 where there is no such day."""
    if month < 1 or month > 12 or day < 1 or year < 1970:
        return -1
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if day > _DAYS[month - 1] + (1 if is_leap and month == 2 else 0):
        return -1
    days = 365 * (year - 1970) + (year - 1969) // 4 - (year - 1901) // 100 + (year - 1601) // 400
    for m in range(month - 1):
        days += _DAYS[m]
    if is_leap and month > 2:
        days += 1
    return (days + day - 1) * 1440


@inner
def _stamp(buffer: NDArray[np.uint8], p: int, end: int, month_first: int, found: NDArray[np.int64]) -> int:
    """Reads date-time at p; found: minutes since 1970 and milliseconds of the minute, by the log's own clock. Its end, or -1."""
    a = _run(buffer, p, end, _DIGIT, 2)
    if a == p or not _is(buffer, a, end, _SLASH):
        return -1
    b = _run(buffer, a + 1, end, _DIGIT, 2)
    if b == a + 1 or not _is(buffer, b, end, _SLASH):
        return -1
    c = _run(buffer, b + 1, end, _DIGIT, 4)
    if c != b + 5 or not _is(buffer, c, end, _MINUS):
        return -1
    first, second = _value(buffer, p, a), _value(buffer, a + 1, b)
    day = _minutes(_value(buffer, b + 1, c), first if month_first else second, second if month_first else first)
    h = _run(buffer, c + 1, end, _DIGIT, 2)
    if day < 0 or h == c + 1 or h + 10 > end:
        return -1
    for k, mark in ((0, _COLON), (3, _COLON), (6, _DOT)):
        if buffer[np.uint64(h + k)] != mark:
            return -1
    for k in (1, 2, 4, 5, 7, 8, 9):
        if not _KIND[buffer[np.uint64(h + k)]] & _DIGIT:
            return -1
    hour, minute, second = _value(buffer, c + 1, h), _value(buffer, h + 1, h + 3), _value(buffer, h + 4, h + 6)
    if hour > 23 or minute > 59 or second > 59:
        return -1
    found[0] = day + 60 * hour + minute
    found[1] = 1000 * second + _value(buffer, h + 7, h + 10)
    return int(h + 10)


@inner
def _needs_a_look(buffer: NDArray[np.uint8], a: int, b: int) -> bool:
    for p in range(a, b):
        c = buffer[np.uint64(p)]
        if _STOP[c]:
            if c > 127:
                return True
            for word in range(_SIZES.size):
                n = _SIZES[word]
                if _WORDS[word, 0] == c and p + n <= b:
                    k = 1
                    while k < n and buffer[np.uint64(p + k)] == _WORDS[word, k]:
                        k += 1
                    if k == n:
                        return True
    return False


@inner
def _where(buffer: NDArray[np.uint8], p: int, end: int, at: NDArray[np.int64], size: NDArray[np.int64], i: int) -> int:
    """Component and function at p, `(component,function(line))`; the end of them, or p where there are none."""
    c = p + 1
    while c < end and c - p <= 101 and buffer[np.uint64(c)] not in (_COMMA, _LPAR, _RPAR, _NEWLINE):
        if buffer[np.uint64(c)] > 127:
            return -1
        c += 1
    if c == p + 1 or c - p > 101 or not _is(buffer, c, end, _COMMA):
        return p
    last = min(end, c + 1 + 520)
    q = c + 2
    if _is(buffer, c + 1, end, _NEWLINE) or (c + 1 < end and buffer[np.uint64(c + 1)] > 127):
        return -1
    while q < last and buffer[np.uint64(q)] != _NEWLINE:
        if buffer[np.uint64(q)] > 127:
            return -1
        if buffer[np.uint64(q)] == _LPAR:
            d = _run(buffer, q + 1, last, _DIGIT, 20)
            if d > q + 1 and _is(buffer, d, last, _RPAR) and _is(buffer, d + 1, last, _RPAR):
                if d - c > 480:
                    return -1  # near the grammar's bound: let it decide
                at[COMPONENT, i], size[COMPONENT, i] = p + 1, c - p - 1
                at[FUNCTION, i], size[FUNCTION, i] = c + 1, d - c
                return int(d + 2)
        q += 1
    return -1


@inner
def _head(
    buffer: NDArray[np.uint8], a: int, end: int, month_first: int, at: NDArray[np.int64], size: NDArray[np.int64],
    stamp: NDArray[np.int64], i: int,
) -> int:  # fmt: skip
    """Reads the header line at a; its end, or -1 where it is not exactly one."""
    p = _run(buffer, a + 3, end, _UPPER, 64)
    at[LEVEL, i], size[LEVEL, i] = a, p - a
    if p == a + 3 or not _is(buffer, p, end, _LPAR):
        return -1
    f = _run(buffer, p + 1, end, _FLAG, 64)
    if f < p + 5 or buffer[np.uint64(p + 1)] != 84 or buffer[np.uint64(p + 2)] != 70 or buffer[np.uint64(p + 3)] != 95:  # TF_
        return -1
    at[FLAG, i], size[FLAG, i] = p + 1, f - p - 1
    if not _is(buffer, f, end, _RPAR):
        return -1
    p = f + 1
    if _is(buffer, p, end, _SPACE):
        p += 1
    if not _is(buffer, p, end, _LSQB):
        return -1
    p += 1
    begin, after_backslash, numeric = p, p, True
    while p < end and p - begin <= 255 and buffer[np.uint64(p)] != _RSQB and buffer[np.uint64(p)] != _NEWLINE:
        if buffer[np.uint64(p)] == _BACKSLASH:
            after_backslash, numeric = p + 1, True
        elif not _KIND[buffer[np.uint64(p)]] & _DIGIT:
            numeric = False
        if buffer[np.uint64(p)] == _SPACE or buffer[np.uint64(p)] > 127:
            return -1
        p += 1
    if p == begin or p - begin > 255 or not _is(buffer, p, end, _RSQB):
        return -1
    at[PLACE, i], size[PLACE, i] = begin, p - begin
    if numeric or after_backslash == p:
        after_backslash = begin
    at[MACHINE, i], size[MACHINE, i] = after_backslash, p - after_backslash
    q = _run(buffer, p + 1, end, _HEX, 8)
    if q == p + 1 or not _is(buffer, q, end, _DOT):
        return -1
    p = _run(buffer, q + 1, end, _HEX, 8)
    if p == q + 1 or not _is(buffer, p, end, _COLON) or not _is(buffer, p + 1, end, _COLON):
        return -1
    q = _stamp(buffer, p + 2, end, month_first, stamp)
    if q < 0 or not _is(buffer, q, end, _DOT):
        return -1
    p = _run(buffer, q + 1, end, _HEX, 8)
    if p == q + 1:
        return -1
    if _is(buffer, p, end, _SPACE):
        p += 1
    at[COMPONENT, i], size[COMPONENT, i], at[FUNCTION, i], size[FUNCTION, i] = 0, -1, 0, -1
    if _is(buffer, p, end, _LPAR):
        p = _where(buffer, p, end, at, size, i)
        if p < 0:
            return -1
    q = p
    while _is(buffer, q, end, _SPACE):
        q += 1
    if _is(buffer, q, end, _LSQB):
        d = _run(buffer, q + 1, end, _DIGIT, 21)
        if q + 1 < d <= q + 21 and _is(buffer, d, end, _RSQB):
            p = d + 1
    while _is(buffer, p, end, _SPACE):
        p += 1
    return int(p)


@native("i8(u1[], i8[], i8, i8[,], i8[,], i8[,], i8[], u1[])", sources=())
def scan_plain(
    buffer: NDArray[np.uint8],
    bounds: NDArray[np.int64],
    month_first: int,
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    stamps: NDArray[np.int64],
    lines: NDArray[np.int64],
    plain: NDArray[np.uint8],
) -> int:
    """Looks at the records between bounds; returns how many are plain.

    at, size: (SPANS, records), parts of plain records in the buffer; size -1 where one is missing. stamps: (records, 2), minutes since 1970
    and milliseconds of the minute, by the log's own clock. lines: lines before each record, from the first bound, and after the last.
    plain: 1 where a record is a plain line.
    """
    count, line = 0, 0
    for i in range(bounds.size - 1):
        a, b = bounds[i], bounds[i + 1]
        lines[i] = line
        for p in range(a, b):
            line += buffer[np.uint64(p)] == _NEWLINE
        plain[i] = 0
        p = _head(buffer, a, b, month_first, at, size, stamps[i], i)
        if p < 0 or b - p > LONGEST_TEXT:
            continue
        if p < b:
            c = buffer[np.uint64(p)]
            if c == 36 or c == 60 or c == 62 or _KIND[c] & _BLANK:  # $ < >: it may carry SIP
                continue
        while b > p and _KIND[buffer[np.uint64(b - 1)]] & _BLANK:
            b -= 1
        if p == b or _needs_a_look(buffer, p, b):
            continue
        at[TEXT, i], size[TEXT, i] = p, b - p
        plain[i] = 1
        count += 1
    lines[bounds.size - 1] = line
    return count
