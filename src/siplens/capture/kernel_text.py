"""Words, numbers and addresses in text, in the compiled pass."""

from __future__ import annotations

from siplens.capture.kernel_bytes import inner
from siplens.capture.kernel_layout import Array

_SPACE, _LF = 0x20, 0x0A
_MAPPED = 0xFFFF00000000


@inner
def line_end(buf: Array, p: int, end: int) -> int:
    """Position of the next line feed from p, or end."""
    while p < end and buf[p] != _LF:
        p += 1
    return p


@inner
def word_end(buf: Array, p: int, end: int) -> int:
    """Position of the next space or control character from p, or end."""
    while p < end and buf[p] > _SPACE:
        p += 1
    return p


@inner
def read_number(buf: Array, p: int, end: int) -> int:
    """Decimal number from p, at most 9 digits; -1 where none stands there."""
    value, q = 0, p
    while q < end and q - p < 9 and buf[q] >= 0x30 and buf[q] <= 0x39:
        value = value * 10 + (buf[q] - 48)
        q += 1
    return value if q > p else -1


@inner
def _hex_digit(c: int) -> int:
    if c >= 0x30 and c <= 0x39:
        return c - 0x30
    if c >= 0x61 and c <= 0x66:
        return c - 0x57
    if c >= 0x41 and c <= 0x46:
        return c - 0x37
    return -1


@inner
def _ipv4(buf: Array, p: int, end: int) -> int:
    """Dotted IPv4 address as a number; -1 where buf[p:end] is none."""
    value = 0
    for part in range(4):
        q, octet = p, 0
        while q < end and q - p < 3 and buf[q] >= 0x30 and buf[q] <= 0x39:
            octet = octet * 10 + (buf[q] - 48)
            q += 1
        if q == p or octet > 255:
            return -1
        value = value * 256 + octet
        p = q
        if part < 3:
            if p >= end or buf[p] != 0x2E:
                return -1
            p += 1
    return value if p == end else -1


@inner
def read_address(buf: Array, p: int, end: int) -> tuple[bool, int, int]:
    """(is an address, hi, lo) of the IPv4 or IPv6 text buf[p:end] (RFC 4291 2.2)."""
    v4 = _ipv4(buf, p, end)
    if v4 >= 0:
        return True, 0, _MAPPED + v4
    hi, lo, groups = 0, 0, 0
    tail_hi, tail_lo, tail = 0, 0, 0
    gap = False
    if p + 1 < end and buf[p] == 0x3A and buf[p + 1] == 0x3A:
        gap = True
        p += 2
    while p < end:
        q, group = p, 0
        while q < end and q - p < 4 and _hex_digit(buf[q]) >= 0:
            group = group * 16 + _hex_digit(buf[q])
            q += 1
        if q == p or groups + tail >= 8:
            return False, 0, 0
        if q < end and buf[q] == 0x2E:
            v4 = _ipv4(buf, p, end)
            if v4 < 0 or groups + tail > 6:
                return False, 0, 0
            if gap:
                tail_hi = (tail_hi << 32) | ((tail_lo >> 32) & 0xFFFFFFFF)
                tail_lo, tail = (tail_lo << 32) | v4, tail + 2
            elif groups == 6:
                lo, groups = lo * 4294967296 + v4, 8
            else:
                return False, 0, 0
            p = end
            break
        if gap:
            tail_hi = (tail_hi << 16) | ((tail_lo >> 48) & 0xFFFF)
            tail_lo = (tail_lo << 16) | group
            tail += 1
        elif groups < 4:
            hi = (hi << 16) | group
            groups += 1
        else:
            lo = (lo << 16) | group
            groups += 1
        p = q
        if p == end:
            break
        if buf[p] != 0x3A:
            return False, 0, 0
        p += 1
        if p < end and buf[p] == 0x3A:
            if gap:
                return False, 0, 0
            gap = True
            p += 1
        elif p == end:
            return False, 0, 0
    if gap:
        if groups + tail > 7:
            return False, 0, 0
        if groups <= 4:
            hi = hi << (16 * (4 - groups)) if groups > 0 else 0
            return True, hi | tail_hi, tail_lo
        return True, hi, (lo << (16 * (8 - groups))) | tail_lo
    return groups == 8, hi, lo
