"""Compiled looks into lines of SDP: candidates in both forms, crypto suites, names of codecs. Serves `scan_sdp`. See `scan_text`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from siplens.native import inner
from siplens.sip import layout as la
from siplens.sip import sdp_layout as sl
from siplens.sip.scan_text import find, number, put, starts, word

_TYP = np.frombuffer(b"typ", np.uint8)
_RADDR = np.frombuffer(b"raddr", np.uint8)
_RPORT = np.frombuffer(b"rport", np.uint8)
_RTP = np.frombuffer(b"rtp/", np.uint8)


@inner
def decimal(buffer: NDArray[np.uint8], a: int, b: int) -> float:
    """Digits with at most one point, as a number; -1 where it is none."""
    if a >= b or b - a > 30:
        return -1.0
    value, scale, points = 0.0, 1.0, 0
    for p in range(a, b):
        digit = int(buffer[np.uint64(p)]) - 48
        if digit == -2 and points == 0:
            points = 1
        elif digit < 0 or digit > 9:
            return -1.0
        else:
            value = value * 10.0 + digit
            if points:
                scale *= 10.0
    return value / scale


@inner
def port_of(buffer: NDArray[np.uint8], a: int, b: int) -> int:
    """A port number; -1 where it is none."""
    port = number(buffer, a, b)
    return port if port < 65536 else -1


@inner
def candidate(
    buffer: NDArray[np.uint8], a: int, b: int, c: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64],
    priority: NDArray[np.float64],
) -> bool:  # fmt: skip
    """Reads the candidate at a..b into row c: RFC 5245 15.1, or draft-ietf-mmusic-ice-06. False where it is neither."""
    size[:, c] = -1
    numbers[sl.RELATED_PORT, c] = -1
    p, e = word(buffer, a, b)
    put(at, size, sl.FOUNDATION, c, p, e)
    p, e = word(buffer, e, b)
    numbers[sl.COMPONENT, c] = number(buffer, p, e)
    first, first_end = word(buffer, e, b)
    second, second_end = word(buffer, first_end, b)
    third, third_end = word(buffer, second_end, b)
    fourth, fourth_end = word(buffer, third_end, b)
    p, e = word(buffer, fourth_end, b)
    is_draft6 = not (e - p == _TYP.size and starts(buffer, p, e, _TYP))
    if is_draft6:  # a password stands after the component
        first, first_end, second, second_end, third, third_end = second, second_end, third, third_end, fourth, fourth_end
        fourth, fourth_end = p, e
    numbers[sl.IS_DRAFT6, c] = is_draft6
    put(at, size, sl.TRANSPORT, c, first, first_end)
    priority[c] = decimal(buffer, second, second_end)
    put(at, size, sl.CANDIDATE_ADDRESS, c, third, third_end)
    numbers[sl.CANDIDATE_PORT, c] = port_of(buffer, fourth, fourth_end)
    if numbers[sl.CANDIDATE_PORT, c] < 0 or priority[c] < 0 or numbers[sl.COMPONENT, c] < 0 or numbers[sl.COMPONENT, c] > 256:
        return False
    p, e = word(buffer, e, b)
    if is_draft6:
        return p == e and number(buffer, first, first_end) < 0
    put(at, size, sl.TYPE, c, p, e)
    while e < b:
        key, key_end = word(buffer, e, b)
        begin, e = word(buffer, key_end, b)
        if key_end - key != _RADDR.size or begin == e:
            continue
        if starts(buffer, key, key_end, _RADDR):
            put(at, size, sl.RELATED_ADDRESS, c, begin, e)
        elif starts(buffer, key, key_end, _RPORT):
            numbers[sl.RELATED_PORT, c] = port_of(buffer, begin, e)
    return size[sl.TYPE, c] > 0


@inner
def media_line(
    buffer: NDArray[np.uint8], a: int, b: int, m: int, f: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64],
    formats: NDArray[np.int64],
) -> int:  # fmt: skip
    """Reads `media port[/n] proto *format` at a..b into row m, formats from f on. Returns the next free format."""
    p, e = word(buffer, a, b)
    put(at, size, sl.MEDIA, m, p, e)
    p, e = word(buffer, e, b)
    numbers[sl.PORT, m] = port_of(buffer, p, find(buffer, p, e, la.SLASH))
    p, e = word(buffer, e, b)
    if p < e:
        put(at, size, sl.PROTO, m, p, e)
    while e < b:
        p, e = word(buffer, e, b)
        if p < e:
            formats[0, f], formats[1, f] = p, e - p
            f += 1
    return f


@inner
def name_formats(
    buffer: NDArray[np.uint8], m: int, to: int, at: NDArray[np.int64], size: NDArray[np.int64], numbers: NDArray[np.int64],
    formats: NDArray[np.int64], static: NDArray[np.int64], maps: NDArray[np.int64],
) -> None:  # fmt: skip
    """Codec names of the formats of m-line m, up to `to`: rtpmap, else the static table of RFC 3551, else NULL; words name themselves."""
    is_rtp = size[sl.PROTO, m] > 0 and starts(buffer, at[sl.PROTO, m], at[sl.PROTO, m] + size[sl.PROTO, m], _RTP)
    for f in range(numbers[sl.FIRST_FORMAT, m], to):
        payload = number(buffer, formats[0, f], formats[0, f] + formats[1, f])
        formats[2, f], formats[3, f] = 0, -1
        if payload < 0:
            formats[2, f], formats[3, f] = formats[0, f], formats[1, f]
        elif payload < 128:
            if maps[0, payload] == m:
                formats[2, f], formats[3, f] = maps[1, payload], maps[2, payload]
            elif is_rtp:
                formats[2, f], formats[3, f] = static[0, payload], static[1, payload]
