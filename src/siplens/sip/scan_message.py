"""The compiled scan of SIP messages: where each field lies in the bytes. No copying, no text, no Python objects.

Messages that need rewriting first (folded lines, bytes that are not UTF-8, secrets, multipart) are only marked in `needs`;
`siplens.sip.careful` rewrites those, and they are scanned again. Shapes are RFC 3261 section 7 and 25.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from siplens.sip import layout
from siplens.sip.layout import (
    BAD_CSEQ,
    BAD_DATE,
    BAD_HEADER_LINE,
    BAD_LENGTH,
    BAD_NUMBER,
    BAD_START_LINE,
    LONG_BODY,
    NO_END,
    NO_TYPE,
    OTHER_METHOD,
    REPEATED,
    SHORT_BODY,
)
from siplens.sip.scan_fields import body_kind_of, has_secret, is_utf8, start_line, via
from siplens.sip.scan_text import address, lower, number, skip, starts, trim

_BYTES = nb.types.Array(nb.uint8, 1, "C", readonly=True)

_GMT = np.frombuffer(b"gmt", np.uint8)
_X_MS = np.frombuffer(b"x-ms-", np.uint8)
_BASE64 = np.frombuffer(b"base64", np.uint8)
_SIP_INSIDE = np.frombuffer(b"message/", np.uint8)


@nb.njit(nb.int64(_BYTES, nb.int64[::1], nb.int64[::1]), nogil=True, cache=True)
def count_lines(buffer: NDArray[np.uint8], starts_: NDArray[np.int64], lengths: NDArray[np.int64]) -> int:
    """Lines of all messages, at most: room for their headers."""
    lines = 0
    for i in range(starts_.size):
        for p in range(starts_[i], starts_[i] + lengths[i]):
            lines += buffer[p] == 10
        lines += 1
    return lines


@nb.njit(nogil=True)
def _kind(buffer: NDArray[np.uint8], a: int, b: int, slots: NDArray[np.int64], spelt: NDArray[np.uint8]) -> int:
    """Kind of the header name at a..b by the hash table of siplens.sip.names; 0 where the name is in no column."""
    n = b - a
    if n == 0:
        return 0
    h = (n * 7 + lower(buffer[a]) * 3 + lower(buffer[b - 1]) * 5 + lower(buffer[a + n // 2]) * 11) & 255
    while slots[h, 0] != 0:
        if slots[h, 2] == n and starts(buffer, a, b, spelt[slots[h, 1] : slots[h, 1] + n]):
            return slots[h, 0]
        h = (h + 1) & 255
    return 0


@nb.njit(
    nb.int64(
        _BYTES, nb.int64[::1], nb.int64[::1], nb.int64[::1], nb.int64[:, ::1], _BYTES, nb.int64,
        nb.int64[:, ::1], nb.int64[:, ::1], nb.int64[:, ::1], nb.int64[::1], nb.uint8[::1], nb.int8[::1],
        nb.int64[::1], nb.int64[:, ::1], nb.int16[::1],
    ),
    nogil=True, cache=True,
)  # fmt: skip
def scan(
    buffer: NDArray[np.uint8],
    starts_: NDArray[np.int64],
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
    """Scans messages at starts_, lengths. Returns the number of headers found.

    body_sizes: bytes of body before a message was rewritten, -1 where it was not. slots, spelt, x_ms: siplens.sip.names.
    at, size: (layout.FIELDS, n), size given as -1. numbers: (layout.NUMBERS, n), given as -1. header_first: (n + 1). headers: (4, room)
    rows name position, name size, value position, value size; kinds: (room).
    """
    count = 0
    for i in range(starts_.size):
        start, end = starts_[i], starts_[i] + lengths[i]
        header_first[i] = count
        wrong, need = 0, 0
        if not is_utf8(buffer, start, end):
            need |= layout.NOT_UTF8
        kind_of_body, typed, encoded = layout.OTHER_BODY, False, False
        method_at, method_size = 0, -1
        seen_via, seen_from, seen_to, seen_call_id, seen_cseq, seen_hops = False, False, False, False, False, False
        ended, first_line, body_from = False, True, end
        lines_lf = True
        p = start
        while p < end and (buffer[p] == 13 or buffer[p] == 10):  # RFC 3261 7.5: empty lines before the start line
            p += 1
        while p < end:
            stop = p
            while stop < end and buffer[stop] != 10:
                stop += 1
            following = min(stop + 1, end)
            if stop > p and stop < end and buffer[stop - 1] == 13:
                stop -= 1
                lines_lf = False
            if first_line:
                first_line = False
                wrong |= start_line(buffer, p, stop, at, size, numbers, i)
                p = following
                continue
            if stop == p:
                ended = True
                body_from = following
                break
            if buffer[p] == 32 or buffer[p] == 9:
                need |= layout.FOLDED
            colon = p
            while colon < stop and buffer[colon] != 58:
                colon += 1
            name_end = trim(buffer, p, colon)
            a = skip(buffer, min(colon + 1, stop), stop)
            b = trim(buffer, a, stop)
            if colon == stop or name_end == p:
                wrong |= BAD_HEADER_LINE
                kind = 0
            else:
                for k in range(p, name_end):
                    if buffer[k] <= 32:
                        wrong |= BAD_HEADER_LINE
                kind = _kind(buffer, p, name_end, slots, spelt)
                if kind == 0 and starts(buffer, p, name_end, _X_MS):
                    kind = x_ms
            headers[0, count], headers[1, count] = p, name_end - p
            headers[2, count], headers[3, count] = a, b - a
            kinds[count] = kind
            count += 1
            p = following
            if kind == 0 or kind >= layout.FIRST_TEXT:
                continue
            if kind == layout.VIA:
                if not seen_via:
                    seen_via = True
                    wrong |= via(buffer, a, b, at, size, i)
            elif kind == layout.FROM:
                if seen_from:
                    wrong |= REPEATED
                else:
                    seen_from = True
                    wrong |= address(buffer, a, b, False, at, size, i, layout.FROM_URI)
            elif kind == layout.TO:
                if seen_to:
                    wrong |= REPEATED
                else:
                    seen_to = True
                    wrong |= address(buffer, a, b, False, at, size, i, layout.TO_URI)
            elif kind == layout.CONTACT:
                if size[layout.CONTACT_URI, i] < 0 and b > a:
                    wrong |= address(buffer, a, b, True, at, size, i, layout.CONTACT_URI)
            elif kind == layout.CALL_ID:
                if seen_call_id:
                    wrong |= REPEATED
                elif b > a:
                    seen_call_id = True
                    at[layout.CALL_ID_VALUE, i], size[layout.CALL_ID_VALUE, i] = a, b - a
            elif kind == layout.CSEQ:
                if seen_cseq:
                    wrong |= REPEATED
                    continue
                seen_cseq = True
                q = a
                while q < b and buffer[q] != 32 and buffer[q] != 9:
                    q += 1
                value = number(buffer, a, q)
                numbers[layout.CSEQ_NUMBER, i] = value
                q = skip(buffer, q, b)
                if value < 0 or value >= 1 << 31 or q == b:
                    wrong |= BAD_CSEQ
                if q < b:
                    method_at, method_size = q, b - q
            elif kind == layout.CONTENT_LENGTH:
                value = number(buffer, a, b)
                if numbers[layout.LENGTH_TOLD, i] >= 0:
                    wrong |= REPEATED
                elif value < 0:
                    wrong |= BAD_LENGTH
                else:
                    numbers[layout.LENGTH_TOLD, i] = value
            elif kind == layout.CONTENT_TYPE:
                if typed:
                    wrong |= REPEATED
                    continue
                typed = True
                at[layout.CONTENT_TYPE_VALUE, i], size[layout.CONTENT_TYPE_VALUE, i] = a, b - a
                kind_of_body = body_kind_of(buffer, a, b)
                if starts(buffer, a, b, _SIP_INSIDE):
                    need |= layout.SECRETS
            elif kind == layout.MAX_FORWARDS:
                value = number(buffer, a, b)
                if seen_hops:
                    wrong |= REPEATED
                if value < 0 or value > 255:
                    wrong |= BAD_NUMBER
                seen_hops = True
            elif kind == layout.RSEQ:
                value = number(buffer, a, b)
                numbers[layout.RSEQ_NUMBER, i] = value
                if value < 0:
                    wrong |= BAD_NUMBER
            elif kind == layout.DATE:
                if b - a < 3 or not starts(buffer, b - 3, b, _GMT):
                    wrong |= BAD_DATE
            elif kind == layout.SECRET:
                need |= layout.SECRETS
            elif kind == layout.ENCODED:
                encoded = starts(buffer, a, b, _BASE64)
        if first_line:
            wrong |= BAD_START_LINE
        if not ended:
            wrong |= NO_END
        if not seen_via:
            wrong |= layout.NO_VIA
        if not seen_from:
            wrong |= layout.NO_FROM
        if not seen_to:
            wrong |= layout.NO_TO
        if not seen_call_id:
            wrong |= layout.NO_CALL_ID
        if not seen_cseq:
            wrong |= layout.NO_CSEQ
        if method_size >= 0:
            if numbers[layout.STATUS, i] < 0:
                same = size[layout.METHOD, i] == method_size
                for k in range(method_size):
                    same = same and buffer[at[layout.METHOD, i] + k] == buffer[method_at + k]
                if not same:
                    wrong |= OTHER_METHOD
            at[layout.METHOD, i], size[layout.METHOD, i] = method_at, method_size
        body_size = end - body_from
        original = body_sizes[i] if body_sizes[i] >= 0 else body_size
        numbers[layout.BODY_SIZE, i] = original
        part_size = body_size
        if body_size > 0:
            at[layout.BODY, i], size[layout.BODY, i] = body_from, body_size
            if has_secret(buffer, body_from, end):
                need |= layout.SECRETS
            if kind_of_body < 0 or (encoded and kind_of_body != layout.OTHER_BODY):
                need |= layout.PARTS
            elif not typed and numbers[layout.LENGTH_TOLD, i] != 0:
                wrong |= NO_TYPE
                if body_size > 2 and buffer[body_from] == 118 and buffer[body_from + 1] == 61:
                    kind_of_body = layout.SDP_BODY
        told = numbers[layout.LENGTH_TOLD, i]
        if told >= 0 and told != original:
            with_cr = original
            if lines_lf and told > original:  # a text file lost the CRs
                for k in range(body_from, end):
                    with_cr += buffer[k] == 10
            if told > with_cr:
                wrong |= SHORT_BODY
            elif told < original:
                wrong |= LONG_BODY
                part_size = max(body_size - (original - told), 0)
        numbers[layout.PART_SIZE, i] = part_size
        body_kind[i] = kind_of_body if body_size > 0 and not need & layout.PARTS else layout.OTHER_BODY
        problems[i] |= wrong
        needs[i] = need
    header_first[starts_.size] = count
    return count
