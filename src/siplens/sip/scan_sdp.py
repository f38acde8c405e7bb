"""The compiled scan of SDP (RFC 8866): m-lines with what applies to each, and ICE candidates. Positions only, as in `scan_message`.

Session lines that apply to every m-line are kept until the end and used where an m-line has none of its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import native
from siplens.sip import layout as la
from siplens.sip import sdp_layout as sl
from siplens.sip.scan_candidate import candidate, decimal, media_line, name_formats, port_of
from siplens.sip.scan_text import SOURCES, find, kind_of, line_end, number, skip, trim, word

_M_LINE, _C_LINE, _O_LINE, _A_LINE = 109, 99, 111, 97


@native("void(u1[], i8[], i8[], i8[])", sources=SOURCES)
def count_sdp(buffer: NDArray[np.uint8], starts_at: NDArray[np.int64], lengths: NDArray[np.int64], room: NDArray[np.int64]) -> None:
    """Adds to `room` what is needed, at most: m-lines, their formats, and attributes (crypto lines and candidates among them)."""
    for i in range(starts_at.size):
        p, end = starts_at[i], starts_at[i] + lengths[i]
        while p < end:
            line = p
            p = line_end(buffer, p, end)
            if buffer[np.uint64(line)] == _M_LINE:
                room[0] += 1
                room[1] += p - line
            room[2] += buffer[np.uint64(line)] == _A_LINE
            p += 1


@native(
    "void(u1[], i8[], i8[], i8[,], u1[], i8[,], i8[,], i8[,], i8[,], i8[,], i8[,], i8[,], i8[,], i8[,], f8[], u1[], i8[,], i8[,], i8[])",
    sources=SOURCES,
)
def scan_sdp(
    buffer: NDArray[np.uint8],
    starts_at: NDArray[np.int64],
    lengths: NDArray[np.int64],
    slots: NDArray[np.int64],
    spelt: NDArray[np.uint8],
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
    session: NDArray[np.int64],
    maps: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """Scans SDP at starts_at, lengths; tells in `found` how many m-lines, formats, crypto suites and candidates there are.

    slots, spelt: table of sdp_layout.ATTRIBUTES. static: (2, 128) position and size of static codec names, as `gather` takes them.
    at, size: (MEDIA_FIELDS, room), size given as -1. numbers: (MEDIA_NUMBERS, room), given as -1. formats: (4, room) rows position and
    size of the format, then of its codec's name. suites: (2, room). candidate_*: (CANDIDATE_FIELDS or CANDIDATE_NUMBERS, room).
    problems: (parts), set to 1 where a line cannot be read. For the scan's own use: session (2, INHERITED), position and size of session
    fields; maps (3, 128) of -1, rtpmap by payload type: m-line it belongs to, position, size. found: (4) of 0.
    """
    for i in range(starts_at.size):
        p, end = starts_at[i], starts_at[i] + lengths[i]
        for field in range(sl.INHERITED):
            session[1, field] = -1
        session_direction, session_lite = np.int64(0), np.int64(0)
        first = found[0]
        m = np.int64(-1)  # the m-line that attributes belong to
        while p < end:
            line = p
            p = line_end(buffer, p, end)
            stop = trim(buffer, line, p)
            p += 1
            if stop - line < 2 or buffer[np.uint64(line + 1)] != la.EQUALS:
                continue
            letter = buffer[np.uint64(line)]
            if letter == _M_LINE:
                if m >= 0:
                    name_formats(buffer, m, found[1], at, size, numbers, formats, static, maps)
                m = found[0]
                found[0] += 1
                numbers[sl.PART, m], numbers[sl.M_INDEX, m], numbers[sl.MUX, m] = i, m - first, 0
                numbers[sl.FIRST_FORMAT, m], numbers[sl.FIRST_SUITE, m] = found[1], found[2]
                found[1] = media_line(buffer, line + 2, stop, m, found[1], at, size, numbers, formats)
                if numbers[sl.PORT, m] < 0 or size[sl.PROTO, m] < 0:
                    problems[i] = 1
            elif letter == _C_LINE or letter == _O_LINE:
                a, b = np.int64(line + 2), np.int64(line + 2)
                for k in range(6):  # c=IN IP4 address[/ttl]; o=user id version IN IP4 address
                    a, b = word(buffer, b, stop)
                    if k == 2 and letter == _C_LINE:
                        b = find(buffer, a, b, la.SLASH)
                        if a == b:
                            problems[i] = 1
                        elif m < 0 and session[1, sl.ADDRESS] < 0:
                            session[0, sl.ADDRESS], session[1, sl.ADDRESS] = a, b - a
                        elif m >= 0 and size[sl.ADDRESS, m] < 0:  # of several c= lines the first counts
                            at[sl.ADDRESS, m], size[sl.ADDRESS, m] = a, b - a
                        break
                    if a < b and (k == 2 or k == 5):
                        row = sl.SESSION_VERSION if k == 2 else sl.ORIGIN_ADDRESS
                        session[0, row], session[1, row] = a, b - a
                if letter == _O_LINE and a == b:
                    problems[i] = 1
            elif letter == _A_LINE:
                colon = find(buffer, line, stop, la.COLON)
                kind = kind_of(buffer, line + 2, colon, slots, spelt)
                is_flag = kind == sl.ICE_LITE or kind == sl.RTCP_MUX or sl.DIRECTION_KIND <= kind < sl.FIELD_KIND
                if is_flag == (colon < stop):  # a flag with a value, or a name without
                    continue
                a = skip(buffer, min(colon + 1, stop), stop)  # Lync writes "a=ice-ufrag: x" too
                if kind >= sl.FIELD_KIND:
                    if m >= 0:
                        at[kind - sl.FIELD_KIND, m], size[kind - sl.FIELD_KIND, m] = a, stop - a
                    else:
                        session[0, kind - sl.FIELD_KIND], session[1, kind - sl.FIELD_KIND] = a, stop - a
                elif kind >= sl.DIRECTION_KIND:
                    if m >= 0:
                        numbers[sl.DIRECTION, m] = kind - sl.DIRECTION_KIND
                    else:
                        session_direction = kind - sl.DIRECTION_KIND
                elif kind == sl.ICE_LITE:
                    if m >= 0:
                        numbers[sl.LITE, m] = 1
                    else:
                        session_lite = np.int64(1)
                elif kind == sl.CANDIDATE:
                    c = found[3]
                    candidate_numbers[sl.CANDIDATE_PART, c], candidate_numbers[sl.CANDIDATE_M_INDEX, c] = i, max(m - first, 0)
                    if candidate(buffer, a, stop, c, candidate_at, candidate_size, candidate_numbers, priority):
                        found[3] += 1
                    else:
                        problems[i] = 1
                elif m < 0:
                    continue
                elif kind == sl.RTPMAP:
                    a, b = word(buffer, a, stop)
                    payload = number(buffer, a, b)
                    a, b = word(buffer, b, stop)
                    if payload < 0 or payload > 127 or a == b:
                        problems[i] = 1
                    else:
                        maps[0, payload], maps[1, payload], maps[2, payload] = m, a, b - a
                elif kind == sl.CRYPTO or kind == sl.CRYPTOSCALE:
                    a, b = word(buffer, a, stop)
                    if kind == sl.CRYPTOSCALE:  # client or server stands before the suite
                        a, b = word(buffer, b, stop)
                    a, b = word(buffer, b, stop)
                    if a < b:
                        suites[0, found[2]], suites[1, found[2]] = a, b - a
                        found[2] += 1
                    else:
                        problems[i] = 1
                elif kind == sl.RTCP:
                    a, b = word(buffer, a, stop)
                    numbers[sl.RTCP_PORT, m] = port_of(buffer, a, b)
                    if numbers[sl.RTCP_PORT, m] < 0:
                        problems[i] = 1
                elif kind == sl.RTCP_MUX:
                    numbers[sl.MUX, m] = 1
                elif kind == sl.PTIME_KIND:
                    a, b = word(buffer, a, stop)
                    numbers[sl.PTIME, m] = np.int64(min(decimal(buffer, a, b), 1e6))
                    if numbers[sl.PTIME, m] < 0:
                        problems[i] = 1
        if m >= 0:
            name_formats(buffer, m, found[1], at, size, numbers, formats, static, maps)
        for media in range(first, found[0]):
            for field in range(sl.INHERITED):
                if size[field, media] < 0:
                    at[field, media], size[field, media] = session[0, field], session[1, field]
            if numbers[sl.DIRECTION, media] < 0:
                numbers[sl.DIRECTION, media] = session_direction
            if numbers[sl.LITE, media] < 0:
                numbers[sl.LITE, media] = session_lite
