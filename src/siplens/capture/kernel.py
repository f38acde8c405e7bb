"""The compiled single pass: records of pcap and pcapng, one packet after another, chunk by chunk.

`walk` keeps all state in the arrays of `memory.Memory`. It stops, and says why in m[STATUS], when it needs more bytes,
when a table is full, or when Python must look at something first. Nothing is read beyond a packet's captured bytes.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import file16, file32
from siplens.capture.kernel_keep import SEGMENT_NOT_WHOLE, keep_message, keep_segment, set_aside
from siplens.capture.kernel_layout import BLOCK, CORRUPT, MAX_CAPTURED, MORE, NO_TIME, SKIP, Array
from siplens.capture.kernel_packet import sort
from siplens.capture.kernel_rtp import rtp_packet
from siplens.capture.kernel_sdp import announce
from siplens.native import inner, native
from siplens.sip.compiled import COMPILED

_SECTION_HEADER, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _STATISTICS, _ENHANCED_PACKET, _JOURNAL = 0x0A0D0D0A, 1, 2, 3, 5, 6, 9
"""pcapng block types; a systemd journal block is a record that Wireshark gives a frame number."""
_LAST_SECOND = 8589934591


@inner
def _nanoseconds(units: int, per_second: int, offset_seconds: int) -> int:
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
    if kind == _JOURNAL:
        m[k.FRAME] += 1
    if p + total > end:
        m[k.SKIP_BYTES] = total - (end - p)
        return SKIP
    return MORE


@native("i8(i8*, f8*, u1*, u1*, i8, i8, i8)", sources=("kernel*.py",))
def walk(m: Array, x: Array, b: Array, buf: Array, p: int, end: int, base: int) -> int:
    """Work through buf[p:end], or do what m[MODE] says; base is the file offset of buf[0].

    Returns where it stopped; m[STATUS] says why.
    """
    m[k.STATUS] = CORRUPT
    swapped, header, pcapng, mode = m[k.SWAPPED], m[k.RECORD_HEADER], m[k.IS_PCAPNG], m[k.MODE]
    nanoseconds = m[k.INTERFACES + k.I_UNITS_PER_SECOND] == 1000000000
    if mode == k.MODE_ANNOUNCE:
        announce(m, b, buf, p, end)
        return end
    while True:
        if mode == k.MODE_PACKET:
            start, following, captured, original = p, end, end - p, end - p
            interface, time, offset = k.RAW_INTERFACE, m[k.ONE_TIME], m[k.ONE_OFFSET]
        elif pcapng == 0:
            if p + header > end:
                m[k.STATUS] = MORE
                return p
            rest = file32(buf, p + 4, swapped)
            captured, original = file32(buf, p + 8, swapped), file32(buf, p + 12, swapped)
            if captured > MAX_CAPTURED:
                return p
            start, following = p + header, p + header + captured
            if following > end:
                m[k.STATUS] = MORE
                return p
            interface, offset = k.INTERFACES, base + p
            time = file32(buf, p, swapped) * 1000000000 + (rest if nanoseconds else rest * 1000)
        else:
            if p + 12 > end:
                m[k.STATUS] = MORE
                return p
            kind, total = file32(buf, p, swapped), file32(buf, p + 4, swapped)
            if kind != _ENHANCED_PACKET and kind != _SIMPLE_PACKET and kind != _OLD_PACKET:
                status = _other_block(m, buf, p, end, swapped)
                if status != MORE:
                    m[k.STATUS] = status
                    return end if status == SKIP else p
                p += total
                continue
            fixed = 16 if kind == _SIMPLE_PACKET else 32
            if total < fixed or total > MAX_CAPTURED + 65536 or total & 3:
                return p
            following = p + total
            if following > end:
                m[k.STATUS] = MORE
                return p
            if file32(buf, following - 4, swapped) != total:
                return p
            number, time, offset = m[k.INTERFACE_BASE], NO_TIME, base + p
            if kind == _SIMPLE_PACKET:
                original, start = file32(buf, p + 8, swapped), p + 12
                captured = original if original < total - 16 else total - 16
                if number >= m[k.INTERFACE_END]:
                    return p
                interface = k.INTERFACES + number * k.INTERFACE_COLUMNS
                if m[interface + k.I_SNAPLEN] > 0 and m[interface + k.I_SNAPLEN] < captured:
                    captured = m[interface + k.I_SNAPLEN]
            else:
                number += file16(buf, p + 8, swapped) if kind == _OLD_PACKET else file32(buf, p + 8, swapped)
                captured, original, start = file32(buf, p + 20, swapped), file32(buf, p + 24, swapped), p + 28
                if number >= m[k.INTERFACE_END] or captured > total - 32:
                    return p
                interface = k.INTERFACES + number * k.INTERFACE_COLUMNS
                high = file32(buf, p + 12, swapped)
                if high < 2147483648:
                    units = high * 4294967296 + file32(buf, p + 16, swapped)
                    time = _nanoseconds(units, m[interface + k.I_UNITS_PER_SECOND], m[interface + k.I_OFFSET_SECONDS])
        m[k.FRAME] += 1
        status = MORE
        if m[interface + k.I_LINK] >= 0:
            purpose = sort(m, buf, start, start + captured, k.LINKS + m[interface + k.I_LINK] * k.LINK_COLUMNS)
            if purpose == k.KIND_RTP:
                status = rtp_packet(m, x, buf, m[k.PAYLOAD], m[k.PAYLOAD_END], time)
            elif purpose == k.KIND_DRAIN:
                status = k.DRAIN
            elif purpose != k.KIND_NONE:
                m[k.ABOUT_KIND] = purpose
                if purpose == k.KIND_UDP:
                    status = keep_message(m, b, buf, time, offset)
                    if status == MORE:
                        announce(m, b, buf, m[k.PAYLOAD], m[k.PAYLOAD_END])
                else:
                    status = SEGMENT_NOT_WHOLE
                    if purpose == k.KIND_TCP:
                        status = keep_segment(m, b, buf, time, offset)
                    if status == SEGMENT_NOT_WHOLE:
                        status = set_aside(m, b, buf, time, offset)
        else:
            if m[interface + k.I_UNOPENED] == 0:
                m[interface + k.I_UNOPENED_FIRST] = m[k.FRAME]
            m[interface + k.I_UNOPENED] += 1
        if status != MORE:
            m[k.FRAME] -= 1
            m[k.STATUS] = status
            return p
        if mode == k.MODE_PACKET:
            m[k.STATUS] = MORE
            return end
        m[interface + k.I_PACKETS] += 1
        if captured < original:
            if m[k.CUT_PACKETS] == 0:
                m[k.CUT_FIRST] = m[k.FRAME]
            m[k.CUT_PACKETS] += 1
        if time != NO_TIME:
            if m[k.FIRST_TIME] == NO_TIME or time < m[k.FIRST_TIME]:
                m[k.FIRST_TIME] = time
            if time > m[k.LAST_TIME]:
                m[k.LAST_TIME] = time
        p = following


def kernel_is_compiled() -> bool:
    """Whether the pass and the parser of SIP were compiled on this machine before; if not, the first capture takes some seconds more."""
    return all(function.is_compiled() for function in (walk, *COMPILED))
