"""Where one record of a capture begins and ends, in the compiled passes: pcap in all its forms, pcapng, snoop.

`next_record` is the only place that knows how packets are framed; what is a packet's meaning is the business of its callers.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import file16, file32, inner
from siplens.capture.kernel_layout import BLOCK, CORRUPT, MAX_CAPTURED, MORE, NO_TIME, PACKET, SKIP, Array

_SECTION_HEADER, _INTERFACE, OLD_PACKET, _SIMPLE_PACKET, _NAMES, _STATISTICS, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
_JOURNAL, _SECRETS, _CUSTOM, _CUSTOM_NOT_COPIED = 9, 10, 0x00000BAD, 0x40000BAD
"""pcapng block types; systemd journal and custom blocks are records to which Wireshark gives frame numbers."""
_LAST_SECOND = 8589934591


@inner
def _to_nanoseconds(units: int, per_second: int, offset_seconds: int) -> int:
    """Nanoseconds since 1970 of a time stamp in units of 1/per_second; NO_TIME beyond the year 2242."""
    if per_second == 1000000:
        seconds = units // 1000000
        rest = (units - seconds * 1000000) * 1000
    elif per_second == 1000000000:
        seconds = units // 1000000000
        rest = units - seconds * 1000000000
    else:
        seconds = units // per_second
        rest = int((units - seconds * per_second) / per_second * 1e9)
    seconds += offset_seconds
    if seconds < 0 or seconds > _LAST_SECOND:
        return NO_TIME
    return seconds * 1000000000 + rest


@inner
def _other_block(m: Array, buf: Array, p: int, end: int, swapped: int) -> int:
    """Status for a pcapng block that is no packet and begins at p: BLOCK for Python, MORE to step over it, SKIP, CORRUPT."""
    kind, total = file32(buf, p, swapped), file32(buf, p + 4, swapped)
    if kind == _SECTION_HEADER or kind == _INTERFACE or kind == _STATISTICS:
        return BLOCK
    if total < 12 or total > k.MAX_BLOCK or total & 3:
        return CORRUPT
    if (kind == _NAMES or kind == _SECRETS) and total <= k.MAX_CAPTURED:
        return BLOCK
    if kind == _JOURNAL or kind == _CUSTOM or kind == _CUSTOM_NOT_COPIED:
        m[k.FRAME] += 1
    if p + total > end:
        m[k.SKIP_BYTES] = total - (end - p)
        return SKIP
    return MORE


@inner
def packet_options(buf: Array, p: int, end: int, swapped: int) -> tuple[bool, int]:
    """(a comment is among them, packets dropped before this one) of the options buf[p:end] of an enhanced packet block."""
    commented, dropped = False, 0
    while p + 4 <= end:
        kind, size = file16(buf, p, swapped), file16(buf, p + 2, swapped)
        if kind == 0 or p + 4 + size > end:
            break
        if kind == 1:
            commented = True
        elif kind == 4 and size == 8:
            # The lower half of 64 bits: more than four thousand million between two packets would be noise.
            dropped = file32(buf, p + (8 if swapped == 1 else 4), swapped)
        p += 4 + (size + 3) // 4 * 4
    return commented, dropped


@inner
def next_record(m: Array, buf: Array, p: int, end: int) -> tuple[int, int, int, int, int, int, int, int]:
    """(PACKET, its record, its bytes, how many, how many it had, what follows, its interface, its time) from p on, before end.

    Where there is no whole packet: (why a pass must stop, where, …), MORE bytes are needed, a BLOCK is Python's business, SKIP bytes,
    or the record is CORRUPT. Blocks of pcapng that are no packets are stepped over. An interface is where it lies in `m`.
    """
    swapped, header, container = m[k.SWAPPED], m[k.RECORD_HEADER], m[k.CONTAINER]
    if container != k.PCAPNG:
        if p + header > end:
            return MORE, p, 0, 0, 0, 0, 0, 0
        rest = file32(buf, p + 4, swapped)
        captured, original = file32(buf, p + 8, swapped), file32(buf, p + 12, swapped)
        if container == k.SNOOP:
            # RFC 1761: original and kept length, length of the record, drops so far, seconds, microseconds.
            following = p + captured
            captured, original = rest, file32(buf, p, swapped)
            if following < p + header + captured or following > p + MAX_CAPTURED + 65536:
                return CORRUPT, p, 0, 0, 0, 0, 0, 0
        else:
            if m[k.LENGTHS] == k.ORIGINAL_FIRST or (m[k.LENGTHS] == k.SMALLER_FIRST and captured > original):
                captured, original = original, captured
            following = p + header + captured
        if captured > MAX_CAPTURED:
            return CORRUPT, p, 0, 0, 0, 0, 0, 0
        if following > end:
            return MORE, p, 0, 0, 0, 0, 0, 0
        if container == k.SNOOP:
            time = file32(buf, p + 16, swapped) * 1000000000 + file32(buf, p + 20, swapped) * 1000
        else:
            nanoseconds = m[k.INTERFACES + k.I_UNITS_PER_SECOND] == 1000000000
            time = file32(buf, p, swapped) * 1000000000 + (rest if nanoseconds else rest * 1000)
        return PACKET, p, p + header, captured, original, following, k.INTERFACES, time
    while True:
        if p + 12 > end:
            return MORE, p, 0, 0, 0, 0, 0, 0
        kind, total = file32(buf, p, swapped), file32(buf, p + 4, swapped)
        if kind == ENHANCED_PACKET or kind == _SIMPLE_PACKET or kind == OLD_PACKET:
            break
        status = _other_block(m, buf, p, end, swapped)
        if status != MORE:
            return status, end if status == SKIP else p, 0, 0, 0, 0, 0, 0
        p += total
    fixed = 16 if kind == _SIMPLE_PACKET else 32
    if total < fixed or total > MAX_CAPTURED + 65536 or total & 3:
        return CORRUPT, p, 0, 0, 0, 0, 0, 0
    following = p + total
    if following > end:
        return MORE, p, 0, 0, 0, 0, 0, 0
    if file32(buf, following - 4, swapped) != total:
        return CORRUPT, p, 0, 0, 0, 0, 0, 0
    number, time = m[k.INTERFACE_BASE], NO_TIME
    if kind == _SIMPLE_PACKET:
        original, start = file32(buf, p + 8, swapped), p + 12
        captured = original if original < total - 16 else total - 16
        if number >= m[k.INTERFACE_END]:
            return CORRUPT, p, 0, 0, 0, 0, 0, 0
        interface = k.INTERFACES + number * k.INTERFACE_COLUMNS
        if m[interface + k.I_SNAPLEN] > 0 and m[interface + k.I_SNAPLEN] < captured:
            captured = m[interface + k.I_SNAPLEN]
        return PACKET, p, start, captured, original, following, interface, time
    number += file16(buf, p + 8, swapped) if kind == OLD_PACKET else file32(buf, p + 8, swapped)
    captured, original, start = file32(buf, p + 20, swapped), file32(buf, p + 24, swapped), p + 28
    if number >= m[k.INTERFACE_END] or captured > total - 32:
        return CORRUPT, p, 0, 0, 0, 0, 0, 0
    interface = k.INTERFACES + number * k.INTERFACE_COLUMNS
    high = file32(buf, p + 12, swapped)
    if high < 2147483648:
        units = high * 4294967296 + file32(buf, p + 16, swapped)
        time = _to_nanoseconds(units, m[interface + k.I_UNITS_PER_SECOND], m[interface + k.I_OFFSET_SECONDS])
    return PACKET, p, start, captured, original, following, interface, time
