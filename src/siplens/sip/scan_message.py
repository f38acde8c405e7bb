"""The compiled scan of SIP messages: where each field lies in the bytes. No copying, no text, no Python objects.

Messages that need rewriting first (folded lines, bytes that are not UTF-8, secrets, multipart) are only marked in `needs`;
`siplens.sip.careful` rewrites those, and they are scanned again. Shapes are RFC 3261 sections 7 and 25.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner, native
from siplens.sip import layout as la
from siplens.sip.scan_address import address, via
from siplens.sip.scan_fields import body_kind_of, has_secret, is_utf8, start_line
from siplens.sip.scan_text import SOURCES, find, is_token, kind_of, line_end, number, put, skip, starts, trim, until

_GMT = np.frombuffer(b"gmt", np.uint8)
_X_MS = np.frombuffer(b"x-ms-", np.uint8)
_BASE64 = np.frombuffer(b"base64", np.uint8)
_SIP_INSIDE = np.frombuffer(b"message/", np.uint8)
_SDP_BEGINS = np.frombuffer(b"v=0", np.uint8)


@native("i8(u1[], i8[], i8[])", sources=SOURCES)
def count_lines(buffer: NDArray[np.uint8], first: NDArray[np.int64], lengths: NDArray[np.int64]) -> int:
    """Lines of all messages, at most: room for their headers."""
    lines = 0
    for i in range(first.size):
        for p in range(first[i], first[i] + lengths[i]):
            lines += buffer[np.uint64(p)] == la.NEWLINE
    return lines + first.size


@inner
def _method_and_number(
    buffer: NDArray[np.uint8], a: int, b: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64], i: int
) -> int:
    """CSeq (RFC 3261 20.16). Its method takes the place of the start line's. Returns problems."""
    q = until(buffer, a, b, la.SPACE, la.TAB)
    value = number(buffer, a, q)
    numbers[la.CSEQ_NUMBER, i] = value
    problems = la.BAD_CSEQ if value < 0 or value >= 1 << 31 else 0
    q = skip(buffer, q, b)
    if not is_token(buffer, q, b):
        problems |= la.BAD_CSEQ
    if q == b:
        return problems
    if numbers[la.STATUS, i] < 0:
        same = size[la.METHOD, i] == b - q
        for k in range(q, b):
            same = same and buffer[np.uint64(at[la.METHOD, i] + k - q)] == buffer[np.uint64(k)]
        if not same:
            problems |= la.OTHER_METHOD
    put(at, size, la.METHOD, i, q, b)
    return problems


@inner
def _lengths(buffer: NDArray[np.uint8], a: int, b: int, original: int, has_cr: bool, numbers: NDArray[np.int64], i: int) -> int:
    """Holds Content-Length against the body at a..b, of `original` bytes before it was rewritten. Returns problems."""
    told = numbers[la.LENGTH_TOLD, i]
    numbers[la.BODY_SIZE, i] = original
    numbers[la.PART_SIZE, i] = b - a
    if told < 0 or told == original:
        return 0
    if told < original:
        part = max(b - a - (original - told), 0)
        while 0 < part < b - a and buffer[np.uint64(a + part)] & 0xC0 == 0x80:  # never a part of a UTF-8 character
            part -= 1
        numbers[la.PART_SIZE, i] = part
        return la.LONG_BODY
    if not has_cr:  # a text file that lost its carriage returns
        for k in range(a, b):
            original += buffer[np.uint64(k)] == la.NEWLINE
    return la.SHORT_BODY if told > original else 0


@native(
    "i8(u1[], i8[], i8[], i8[], i8[,], u1[], i8, i8[,], i8[,], i8[,], i8[], u1[], i1[], i8[], i8[,], i2[])",
    sources=SOURCES,
)
def scan(
    buffer: NDArray[np.uint8],
    starts_at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    body_sizes: NDArray[np.int64],
    slots: NDArray[np.int64],
    spelt: NDArray[np.uint8],
    x_ms: int,
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    numbers: NDArray[np.int64],
    problems: NDArray[np.int64],
    needs: NDArray[np.uint8],
    body_kind: NDArray[np.int8],
    header_first: NDArray[np.int64],
    headers: NDArray[np.int64],
    kinds: NDArray[np.int16],
) -> int:
    """Scans the messages at starts_at, lengths. Returns the number of headers found.

    body_sizes: bytes of body before a message was rewritten, -1 where it was not. slots, spelt, x_ms: siplens.sip.names.
    at, size: (layout.FIELDS, n), size given as -1. numbers: (layout.NUMBERS, n), given as -1. problems: added to. header_first: (n + 1).
    headers: (4, room), rows name position, name size, value position, value size. kinds: (room).
    """
    count = 0
    for i in range(starts_at.size):
        p, end = starts_at[i], starts_at[i] + lengths[i]
        header_first[i] = count
        wrong = la.BAD_START_LINE | la.NO_END  # taken back below
        need = 0 if is_utf8(buffer, p, end) else la.NOT_UTF8
        kind_of_body, seen = la.OTHER_BODY, 0
        is_encoded, has_cr = False, False
        body_from = end
        while p < end and (buffer[np.uint64(p)] == la.RETURN or buffer[np.uint64(p)] == la.NEWLINE):  # RFC 3261 7.5
            p += 1
        while p < end:
            line = p
            p = line_end(buffer, p, end)
            stop = p
            if p < end and p > line and buffer[np.uint64(p - 1)] == la.RETURN:
                stop -= 1
                has_cr = True
            p = min(p + 1, end)
            if seen == 0:
                wrong = wrong & ~la.BAD_START_LINE | start_line(buffer, line, stop, at, size, numbers, i)
                seen = 1  # bit 0: the start line; bit k: a header of kind k
                continue
            if stop == line:
                wrong &= ~la.NO_END
                body_from = p
                break
            if buffer[np.uint64(line)] <= la.SPACE:
                need |= la.FOLDED
            colon = find(buffer, line, stop, la.COLON)
            name_end = trim(buffer, line, colon)
            a = skip(buffer, min(colon + 1, stop), stop)
            b = trim(buffer, a, stop)
            kind = kind_of(buffer, line, name_end, slots, spelt) if colon < stop else 0
            if kind == 0:
                if colon == stop or name_end == line or until(buffer, line, name_end, la.SPACE, la.TAB) < name_end:
                    wrong |= la.BAD_HEADER_LINE
                elif starts(buffer, line, name_end, _X_MS):
                    kind = x_ms
            headers[0, count], headers[1, count] = line, name_end - line
            headers[2, count], headers[3, count] = a, b - a
            kinds[count] = kind
            count += 1
            if kind == 0 or kind >= la.FIRST_TEXT or ((kind <= la.CSEQ or kind == la.CONTACT) and a == b):
                continue
            is_first = not seen >> kind & 1
            seen |= 1 << kind
            if not is_first and la.FROM <= kind <= la.MAX_FORWARDS:
                wrong |= la.REPEATED
            elif kind == la.VIA:
                if is_first:
                    wrong |= via(buffer, a, b, at, size, i)
            elif kind == la.FROM or kind == la.TO or kind == la.CONTACT:
                row = la.CONTACT_URI if kind == la.CONTACT else la.FROM_URI if kind == la.FROM else la.TO_URI
                if is_first:
                    wrong |= address(buffer, a, b, la.COMMA if kind == la.CONTACT else la.NO_CHARACTER, at, size, i, row)
            elif kind == la.CALL_ID:
                put(at, size, la.CALL_ID_VALUE, i, a, b)
            elif kind == la.CSEQ:
                wrong |= _method_and_number(buffer, a, b, at, size, numbers, i)
            elif kind == la.CONTENT_LENGTH or kind == la.MAX_FORWARDS or kind == la.RSEQ:
                value = number(buffer, a, b)
                row = la.LENGTH_TOLD if kind == la.CONTENT_LENGTH else la.HOPS if kind == la.MAX_FORWARDS else la.RSEQ_NUMBER
                numbers[row, i] = value
                if value < 0 or (value > 255 and kind == la.MAX_FORWARDS):
                    wrong |= la.BAD_LENGTH if kind == la.CONTENT_LENGTH else la.BAD_NUMBER
            elif kind == la.CONTENT_TYPE:
                put(at, size, la.CONTENT_TYPE_VALUE, i, a, b)
                kind_of_body = body_kind_of(buffer, a, b)
                if starts(buffer, a, b, _SIP_INSIDE):
                    need |= la.SECRETS
            elif kind == la.DATE:
                if not starts(buffer, max(b - 3, a), b, _GMT):
                    wrong |= la.BAD_DATE
            elif kind == la.SECRET:
                need |= la.SECRETS
            else:
                is_encoded = starts(buffer, a, b, _BASE64)
        wrong |= (~seen >> la.VIA & 31) * la.NO_VIA  # kinds VIA to CSEQ, problems NO_VIA to NO_CSEQ
        wrong |= _lengths(buffer, body_from, end, body_sizes[i] if body_sizes[i] >= 0 else end - body_from, has_cr, numbers, i)
        if body_from < end:
            put(at, size, la.BODY, i, body_from, end)
            if has_secret(buffer, body_from, end):
                need |= la.SECRETS
            if kind_of_body == la.MULTIPART or (is_encoded and kind_of_body != la.OTHER_BODY):
                need |= la.PARTS
                kind_of_body = la.OTHER_BODY
            if not seen >> la.CONTENT_TYPE & 1 and numbers[la.LENGTH_TOLD, i] != 0:
                wrong |= la.NO_TYPE
                if starts(buffer, body_from, end, _SDP_BEGINS):
                    kind_of_body = la.SDP_BODY
        body_kind[i] = kind_of_body if body_from < end else la.OTHER_BODY
        problems[i] |= wrong
        needs[i] = need
    header_first[starts_at.size] = count
    return count
