"""The compiled scan of SDP (RFC 8866): m-lines with what applies to each, and ICE candidates in both forms. Positions only, as in `scan_message`.

Session lines that apply to every m-line are kept until the end and used where the m-line has none of its own.
"""

from __future__ import annotations

import numba as nb
import numpy as np
from numpy.typing import NDArray

from siplens.sip.scan_text import decimal, lower, number, starts, trim, word

_BYTES = nb.types.Array(nb.uint8, 1, "C", readonly=True)
_GRID = nb.int64[:, ::1]

# Rows of `at` and `size` of an m-line. The first INHERITED ones fall back to the session's.
ADDRESS, FINGERPRINT, UFRAG, BYPASS_ID, SETTINGS, ORIGIN_ADDRESS, SESSION_VERSION, MEDIA, PROTO = range(9)
INHERITED = 7
MEDIA_FIELDS = 9

# Rows of `numbers` of an m-line. FIRST_FORMAT and FIRST_SUITE point into the lists; DIRECTION into DIRECTIONS.
PART, M_INDEX, PORT, RTCP_PORT, PTIME, DIRECTION, MUX, LITE, FIRST_FORMAT, FIRST_SUITE = range(10)
MEDIA_NUMBERS = 10
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")

# Rows of a candidate: positions and sizes of five texts, then numbers.
FOUNDATION, CANDIDATE_TRANSPORT, CANDIDATE_ADDRESS, CANDIDATE_TYPE, RELATED_ADDRESS = range(5)
CANDIDATE_FIELDS = 5
CANDIDATE_PART, CANDIDATE_M_INDEX, IS_DRAFT6, COMPONENT, CANDIDATE_PORT, RELATED_PORT = range(6)
CANDIDATE_NUMBERS = 6

_RTPMAP = np.frombuffer(b"a=rtpmap:", np.uint8)
_CANDIDATE = np.frombuffer(b"a=candidate:", np.uint8)
_CANDIDATE6 = np.frombuffer(b"a=x-candidate-ipv6:", np.uint8)
_CRYPTO = np.frombuffer(b"a=crypto:", np.uint8)
_SCALE = np.frombuffer(b"a=cryptoscale:", np.uint8)
_RTCP = np.frombuffer(b"a=rtcp:", np.uint8)
_RTCP_MUX = np.frombuffer(b"a=rtcp-mux", np.uint8)
_PTIME = np.frombuffer(b"a=ptime:", np.uint8)
_FINGERPRINT = np.frombuffer(b"a=fingerprint:", np.uint8)
_UFRAG = np.frombuffer(b"a=ice-ufrag:", np.uint8)
_LITE = np.frombuffer(b"a=ice-lite", np.uint8)
_BYPASS = np.frombuffer(b"a=x-bypassid:", np.uint8)
_SETTINGS = np.frombuffer(b"a=x-mediasettings:", np.uint8)
_SENDRECV = np.frombuffer(b"a=sendrecv", np.uint8)
_SENDONLY = np.frombuffer(b"a=sendonly", np.uint8)
_RECVONLY = np.frombuffer(b"a=recvonly", np.uint8)
_INACTIVE = np.frombuffer(b"a=inactive", np.uint8)
_TYP = np.frombuffer(b"typ", np.uint8)
_RADDR = np.frombuffer(b"raddr", np.uint8)
_RPORT = np.frombuffer(b"rport", np.uint8)
_RTP = np.frombuffer(b"rtp/", np.uint8)


@nb.njit(nogil=True)
def starts_line(buffer: NDArray[np.uint8], a: int, b: int, letter: int) -> bool:
    """True where the line is `<letter>=…`."""
    return b - a > 2 and buffer[a] == letter and buffer[a + 1] == 61


@nb.njit(nb.types.UniTuple(nb.int64, 4)(_BYTES, nb.int64[::1], nb.int64[::1]), nogil=True, cache=True)
def count_sdp(buffer: NDArray[np.uint8], starts_: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[int, int, int, int]:
    """Room needed, at most: m-lines, their formats, crypto lines, candidates."""
    media, formats, suites, candidates = 0, 0, 0, 0
    for i in range(starts_.size):
        end = starts_[i] + lengths[i]
        p = starts_[i]
        while p < end:
            begin = p
            while p < end and buffer[p] != 10:
                p += 1
            if starts_line(buffer, begin, p, 109):
                media += 1
                for k in range(begin, p):
                    formats += buffer[k] == 32 or buffer[k] == 9
            elif starts(buffer, begin, p, _CRYPTO) or starts(buffer, begin, p, _SCALE):
                suites += 1
            elif starts(buffer, begin, p, _CANDIDATE) or starts(buffer, begin, p, _CANDIDATE6):
                candidates += 1
            p += 1
    return media, formats, suites, candidates


@nb.njit(nogil=True)
def _candidate(
    buffer: NDArray[np.uint8], a: int, b: int, c: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64],
    priority: NDArray[np.float64],
) -> bool:  # fmt: skip
    """Reads a candidate after the colon: RFC 5245 15.1, or draft-ietf-mmusic-ice-06. False where it is neither."""
    at_word = np.zeros(7, np.int64)
    size_word = np.zeros(7, np.int64)
    p = a
    for k in range(7):
        q, p = word(buffer, p, b)
        at_word[k], size_word[k] = q, p - q
    if size_word[6] == 0:
        return False
    is_rfc = size_word[6] == 3 and starts(buffer, at_word[6], b, _TYP)
    shift = 0 if is_rfc else 1  # draft 6 has a password after the component
    at[FOUNDATION, c], size[FOUNDATION, c] = at_word[0], size_word[0]
    numbers[COMPONENT, c] = number(buffer, at_word[1], at_word[1] + size_word[1])
    at[CANDIDATE_TRANSPORT, c], size[CANDIDATE_TRANSPORT, c] = at_word[2 + shift], size_word[2 + shift]
    priority[c] = decimal(buffer, at_word[3 + shift], at_word[3 + shift] + size_word[3 + shift])
    at[CANDIDATE_ADDRESS, c], size[CANDIDATE_ADDRESS, c] = at_word[4 + shift], size_word[4 + shift]
    port = number(buffer, at_word[5 + shift], at_word[5 + shift] + size_word[5 + shift])
    numbers[CANDIDATE_PORT, c] = port
    numbers[IS_DRAFT6, c] = shift
    if port < 0 or port > 65535 or priority[c] < 0 or numbers[COMPONENT, c] < 0:
        return False
    if is_rfc:
        q, p = word(buffer, p, b)
        at[CANDIDATE_TYPE, c], size[CANDIDATE_TYPE, c] = q, p - q
        while p < b:
            q, p = word(buffer, p, b)
            r, s = word(buffer, p, b)
            if s > r and p - q == 5 and starts(buffer, q, p, _RADDR):
                at[RELATED_ADDRESS, c], size[RELATED_ADDRESS, c] = r, s - r
            elif s > r and p - q == 5 and starts(buffer, q, p, _RPORT):
                numbers[RELATED_PORT, c] = number(buffer, r, s)
            p = s
    return True


@nb.njit(nogil=True)
def _direction(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """Position in DIRECTIONS; -1 where the line says none."""
    if b - a != 10:
        return -1
    if starts(buffer, a, b, _SENDRECV):
        return 0
    if starts(buffer, a, b, _SENDONLY):
        return 1
    if starts(buffer, a, b, _RECVONLY):
        return 2
    return 3 if starts(buffer, a, b, _INACTIVE) else -1


@nb.njit(nogil=True)
def _name_formats(
    buffer: NDArray[np.uint8], row: int, f: int, to: int, at: NDArray[np.int64], size: NDArray[np.int64], formats: NDArray[np.int64],
    static: NDArray[np.int64], map_at: NDArray[np.int64], map_size: NDArray[np.int64], map_of: NDArray[np.int64],
) -> int:  # fmt: skip
    """Codec names of formats f..to of one m-line: rtpmap, else the static table of RFC 3551, else NULL. Returns `to`."""
    is_rtp = starts(buffer, at[PROTO, row], at[PROTO, row] + max(size[PROTO, row], 0), _RTP)
    for k in range(f, to):
        payload = number(buffer, formats[0, k], formats[0, k] + formats[1, k])
        formats[2, k], formats[3, k] = 0, -1
        if 0 <= payload < 128:
            if map_of[payload] == row:
                formats[2, k], formats[3, k] = map_at[payload], map_size[payload]
            elif is_rtp:
                formats[2, k], formats[3, k] = static[0, payload], static[1, payload]
        elif payload < 0:
            formats[2, k], formats[3, k] = formats[0, k], formats[1, k]
    return to


@nb.njit(
    nb.types.UniTuple(nb.int64, 4)(
        _BYTES, nb.int64[::1], nb.int64[::1], nb.int64[:, ::1], _GRID, _GRID, _GRID, _GRID, _GRID, _GRID, _GRID, _GRID,
        nb.float64[::1], nb.uint8[::1],
    ),
    nogil=True, cache=True,
)  # fmt: skip
def scan_sdp(
    buffer: NDArray[np.uint8],
    starts_: NDArray[np.int64],
    lengths: NDArray[np.int64],
    static: NDArray[np.int64],
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    numbers: NDArray[np.int64],
    formats: NDArray[np.int64],
    suites: NDArray[np.int64],
    candidate_at: NDArray[np.int64],
    candidate_size: NDArray[np.int64],
    candidate_numbers: NDArray[np.int64],
    priority: NDArray[np.float64],
    problems: NDArray[np.uint8],
) -> tuple[int, int, int, int]:
    """Scans SDP at starts_, lengths. Returns how many m-lines, formats, crypto suites and candidates were found.

    static: (2, 128) position and size of static codec names, as `gather` takes them. at, size: (MEDIA_FIELDS, room), size given as -1.
    numbers: (MEDIA_NUMBERS, room), given as -1. formats: (4, room) rows position, size of the format, then of its codec name.
    suites: (2, room). candidate_*: (CANDIDATE_FIELDS or CANDIDATE_NUMBERS, room), given as -1. problems: (parts) set to 1 where a line is wrong.
    """
    m, f, s, c = 0, 0, 0, 0
    session_at = np.zeros(INHERITED, np.int64)
    session_size = np.zeros(INHERITED, np.int64)
    map_at = np.zeros(128, np.int64)
    map_size = np.zeros(128, np.int64)
    map_of = np.full(128, -1, np.int64)
    for i in range(starts_.size):
        end = starts_[i] + lengths[i]
        session_size[:] = -1
        session_direction, session_lite = 0, 0
        first, opened, format_from = m, -1, f  # opened: row of the m-line that attributes belong to
        p = starts_[i]
        while p <= end:
            begin = p
            while p < end and buffer[p] != 10:
                p += 1
            stop = trim(buffer, begin, p)
            closing = p >= end
            p += 1
            is_media = starts_line(buffer, begin, stop, 109)
            if is_media and opened >= 0:  # names of formats, from the rtpmap lines of the section that ends here
                format_from = _name_formats(buffer, opened, format_from, f, at, size, formats, static, map_at, map_size, map_of)
            if is_media:
                opened = m
                numbers[PART, m], numbers[M_INDEX, m] = i, m - first
                numbers[FIRST_FORMAT, m], numbers[FIRST_SUITE, m] = f, s
                numbers[MUX, m] = 0
                q, r = word(buffer, begin + 2, stop)
                at[MEDIA, m], size[MEDIA, m] = q, r - q
                q, r = word(buffer, r, stop)
                slash = q
                while slash < r and buffer[slash] != 47:
                    slash += 1
                numbers[PORT, m] = number(buffer, q, slash)
                if numbers[PORT, m] < 0 or numbers[PORT, m] > 65535:
                    numbers[PORT, m] = -1
                    problems[i] = 1
                q, r = word(buffer, r, stop)
                if r > q:
                    at[PROTO, m], size[PROTO, m] = q, r - q
                else:
                    problems[i] = 1
                while r < stop:
                    q, r = word(buffer, r, stop)
                    if r > q:
                        formats[0, f], formats[1, f] = q, r - q
                        f += 1
                m += 1
            elif starts_line(buffer, begin, stop, 99):
                q, r = word(buffer, begin + 2, stop)
                q, r = word(buffer, r, stop)
                q, r = word(buffer, r, stop)
                slash = q
                while slash < r and buffer[slash] != 47:
                    slash += 1
                if slash == q:
                    problems[i] = 1
                elif opened >= 0:
                    if size[ADDRESS, opened] < 0:
                        at[ADDRESS, opened], size[ADDRESS, opened] = q, slash - q
                elif session_size[ADDRESS] < 0:
                    session_at[ADDRESS], session_size[ADDRESS] = q, slash - q
            elif starts_line(buffer, begin, stop, 111):
                q = begin + 2
                for k in range(6):
                    q, r = word(buffer, q, stop)
                    row = SESSION_VERSION if k == 2 else ORIGIN_ADDRESS
                    if (k == 2 or k == 5) and r > q:
                        session_at[row], session_size[row] = q, r - q
                    q = r
            elif starts_line(buffer, begin, stop, 97):
                field, skipped = -1, 0
                direction = _direction(buffer, begin, stop)
                if direction >= 0:
                    if opened >= 0:
                        numbers[DIRECTION, opened] = direction
                    else:
                        session_direction = direction
                elif starts(buffer, begin, stop, _RTPMAP):
                    q, r = word(buffer, begin + 9, stop)
                    payload = number(buffer, q, r)
                    q, r = word(buffer, r, stop)
                    if opened >= 0 and 0 <= payload < 128 and r > q:
                        map_of[payload], map_at[payload], map_size[payload] = opened, q, r - q
                    elif payload < 0 or r == q:
                        problems[i] = 1
                elif starts(buffer, begin, stop, _CANDIDATE) or starts(buffer, begin, stop, _CANDIDATE6):
                    q = begin + 11
                    while buffer[q] != 58:
                        q += 1
                    candidate_numbers[CANDIDATE_PART, c], candidate_numbers[CANDIDATE_M_INDEX, c] = i, max(m - first - 1, 0)
                    if _candidate(buffer, q + 1, stop, c, candidate_at, candidate_size, candidate_numbers, priority):
                        c += 1
                    else:
                        problems[i] = 1
                        candidate_size[:, c] = -1
                        candidate_numbers[:, c] = -1
                elif starts(buffer, begin, stop, _CRYPTO) or starts(buffer, begin, stop, _SCALE):
                    q, r = word(buffer, begin + 2, stop)
                    q, r = word(buffer, r, stop)
                    if lower(buffer[begin + 8]) == 115:  # cryptoscale: client or server stands before the suite
                        q, r = word(buffer, r, stop)
                    if opened >= 0 and r > q:
                        suites[0, s], suites[1, s] = q, r - q
                        s += 1
                elif starts(buffer, begin, stop, _RTCP) and opened >= 0:
                    q, r = word(buffer, begin + 7, stop)
                    numbers[RTCP_PORT, opened] = number(buffer, q, r)
                    if numbers[RTCP_PORT, opened] > 65535:
                        numbers[RTCP_PORT, opened] = -1
                elif starts(buffer, begin, stop, _RTCP_MUX) and stop - begin == 10 and opened >= 0:
                    numbers[MUX, opened] = 1
                elif starts(buffer, begin, stop, _PTIME) and opened >= 0:
                    q, r = word(buffer, begin + 8, stop)
                    numbers[PTIME, opened] = int(min(decimal(buffer, q, r), 100000.0))
                elif starts(buffer, begin, stop, _LITE) and stop - begin == 10:
                    if opened >= 0:
                        numbers[LITE, opened] = 1
                    else:
                        session_lite = 1
                elif starts(buffer, begin, stop, _FINGERPRINT):
                    field, skipped = FINGERPRINT, 14
                elif starts(buffer, begin, stop, _UFRAG):
                    field, skipped = UFRAG, 12
                elif starts(buffer, begin, stop, _BYPASS):
                    field, skipped = BYPASS_ID, 13
                elif starts(buffer, begin, stop, _SETTINGS):
                    field, skipped = SETTINGS, 18
                if field >= 0:
                    q = begin + skipped
                    while q < stop and buffer[q] == 32:  # Lync writes "a=ice-ufrag: x" too
                        q += 1
                    if opened >= 0:
                        at[field, opened], size[field, opened] = q, stop - q
                    else:
                        session_at[field], session_size[field] = q, stop - q
            if closing:
                break
        if opened >= 0:
            _name_formats(buffer, opened, format_from, f, at, size, formats, static, map_at, map_size, map_of)
        for row in range(first, m):
            for field in range(INHERITED):
                if size[field, row] < 0:
                    at[field, row], size[field, row] = session_at[field], session_size[field]
            if numbers[DIRECTION, row] < 0:
                numbers[DIRECTION, row] = session_direction
            if numbers[LITE, row] < 0:
                numbers[LITE, row] = session_lite
    return m, f, s, c
