"""The compiled single pass: records of pcap and pcapng, one packet after another, chunk by chunk.

`walk` keeps all state in the arrays of `memory.Memory`. It stops, and says why in m[STATUS], when it needs more bytes,
when a table is full, or when Python must look at something first. Nothing is read beyond a packet's captured bytes.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import fetch_to_read, file16, file32
from siplens.capture.kernel_flows import foresee
from siplens.capture.kernel_keep import SEGMENT_NOT_WHOLE, keep_message, keep_segment, set_aside
from siplens.capture.kernel_layout import BLOCK, CORRUPT, MAX_CAPTURED, MORE, NO_TIME, SKIP, Array
from siplens.capture.kernel_packet import sort
from siplens.capture.kernel_rtp import rtp_packet
from siplens.capture.kernel_sdp import announce
from siplens.native import inner, native
from siplens.sip.compiled import COMPILED

_SECTION_HEADER, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _NAMES, _STATISTICS, _ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 4, 5, 6
_JOURNAL, _SECRETS = 9, 10
"""pcapng block types; a systemd journal block is a record that Wireshark gives a frame number."""
_AHEAD = 2
"""Packets, if they are all as long as this one, after which bytes are fetched that will be looked at soon."""
_LAST_SECOND = 8589934591


@inner
def to_nanoseconds(units: int, per_second: int, offset_seconds: int) -> int:
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
def other_block(m: Array, buf: Array, p: int, end: int, swapped: int) -> int:
    """Status for a pcapng block that is no packet and begins at p: BLOCK for Python, MORE to step over it, SKIP, CORRUPT."""
    kind, total = file32(buf, p, swapped), file32(buf, p + 4, swapped)
    if kind == _SECTION_HEADER or kind == _INTERFACE or kind == _STATISTICS:
        return BLOCK
    if total < 12 or total > k.MAX_BLOCK or total & 3:
        return CORRUPT
    if (kind == _NAMES or kind == _SECRETS) and total <= k.MAX_CAPTURED:
        return BLOCK
    if kind == _JOURNAL:
        m[k.FRAME] += 1
    if p + total > end:
        m[k.SKIP_BYTES] = total - (end - p)
        return SKIP
    return MORE


@inner
def _packet_options(buf: Array, p: int, end: int, swapped: int) -> tuple[bool, int]:
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


@native("i8(i8*, f8*, u1*, u1*, i8, i8, i8)", sources=("kernel*.py",))
def walk(m: Array, x: Array, b: Array, buf: Array, p: int, end: int, base: int) -> int:
    """Work through buf[p:end], or do what m[MODE] says; base is the file offset of buf[0].

    Returns where it stopped; m[STATUS] says why.
    """
    m[k.STATUS] = CORRUPT
    swapped, header, container, mode = m[k.SWAPPED], m[k.RECORD_HEADER], m[k.CONTAINER], m[k.MODE]
    kind, options = 0, 0
    # Where the IP header and the payload of the last RTP packet began in its record: of the next one too, mostly.
    foreseen, ip, payload = 0, 0, 0
    nanoseconds = m[k.INTERFACES + k.I_UNITS_PER_SECOND] == 1000000000
    if mode == k.MODE_ANNOUNCE:
        announce(m, b, buf, p, end)
        return end
    while True:
        if mode == k.MODE_PACKET:
            start, following, captured, original = p, end, end - p, end - p
            interface, time, offset = k.RAW_INTERFACE, m[k.ONE_TIME], m[k.ONE_OFFSET]
        elif container != k.PCAPNG:
            if p + header > end:
                m[k.STATUS] = MORE
                return p
            rest = file32(buf, p + 4, swapped)
            captured, original = file32(buf, p + 8, swapped), file32(buf, p + 12, swapped)
            if container == k.SNOOP:
                # RFC 1761: original and kept length, length of the record, drops so far, seconds, microseconds.
                following = p + captured
                captured, original = rest, file32(buf, p, swapped)
                if following < p + header + captured or following > p + MAX_CAPTURED + 65536:
                    return p
            else:
                if m[k.LENGTHS] == k.ORIGINAL_FIRST or (m[k.LENGTHS] == k.SMALLER_FIRST and captured > original):
                    captured, original = original, captured
                following = p + header + captured
            if captured > MAX_CAPTURED:
                return p
            start = p + header
            if following > end:
                m[k.STATUS] = MORE
                return p
            interface, offset = k.INTERFACES, base + p
            if container == k.SNOOP:
                time = file32(buf, p + 16, swapped) * 1000000000 + file32(buf, p + 20, swapped) * 1000
            else:
                time = file32(buf, p, swapped) * 1000000000 + (rest if nanoseconds else rest * 1000)
        else:
            if p + 12 > end:
                m[k.STATUS] = MORE
                return p
            kind, total = file32(buf, p, swapped), file32(buf, p + 4, swapped)
            if kind != _ENHANCED_PACKET and kind != _SIMPLE_PACKET and kind != _OLD_PACKET:
                status = other_block(m, buf, p, end, swapped)
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
                    time = to_nanoseconds(units, m[interface + k.I_UNITS_PER_SECOND], m[interface + k.I_OFFSET_SECONDS])
        commented, dropped, options = False, 0, following
        if mode != k.MODE_PACKET:
            if container == k.SNOOP:
                dropped = file32(buf, p + 12, swapped) - m[k.SNOOP_DROPS]
            elif container == k.PCAPNG and kind == _OLD_PACKET:
                dropped = file16(buf, p + 10, swapped)
                dropped = 0 if dropped == 0xFFFF else dropped
            elif container == k.PCAPNG and kind == _ENHANCED_PACKET and following - start - captured >= 8:
                options = start + (captured + 3) // 4 * 4
                commented, dropped = _packet_options(buf, options, following - 4, swapped)
                if commented and (m[k.ASIDES_USED] + 2 > k.MAX_ASIDES or m[k.ASIDE_USED] + following - start > k.ASIDE_SIZE):
                    # A packet is never looked at twice: there is room for its own aside and for its comment, before it is looked at.
                    m[k.STATUS] = k.DRAIN
                    return p
        m[k.FRAME] += 1
        m[k.FORESEEN] = foreseen
        foreseen = 0
        if payload > 0 and following + payload + 12 <= end:
            foreseen = foresee(m, buf, following + ip, following + payload)
            soon = following + _AHEAD * (following - p)
            fetch_to_read(buf, soon)
            fetch_to_read(buf, soon + payload + 8)
        status = MORE
        if m[interface + k.I_LINK] >= 0:
            purpose = sort(m, buf, start, start + captured, k.LINKS + m[interface + k.I_LINK] * k.LINK_COLUMNS)
            if purpose == k.KIND_RTP:
                ip, payload = m[k.HEADER] - p, m[k.PAYLOAD] - p
                status = rtp_packet(m, x, buf, m[k.PAYLOAD], m[k.PAYLOAD_END], time)
            elif purpose == k.KIND_DRAIN:
                status = k.DRAIN
            elif purpose == k.KIND_ANNOUNCE:
                if m[k.BINDINGS_USED] * 2 > m[k.BINDINGS_MASK] and m[k.BINDINGS_MASK] < m[k.MAX_BINDINGS]:
                    status = k.GROW_BINDINGS
                else:
                    announce(m, b, buf, m[k.PAYLOAD], m[k.PAYLOAD_END])
            elif purpose != k.KIND_NONE:
                m[k.ABOUT_KIND] = purpose
                if purpose == k.KIND_UDP or purpose == k.KIND_HEP:
                    status = keep_message(m, b, buf, time, offset)
                    if status == MORE:
                        announce(m, b, buf, m[k.PAYLOAD], m[k.PAYLOAD_END])
                else:
                    status = SEGMENT_NOT_WHOLE
                    if purpose == k.KIND_LEFT:
                        m[k.ABOUT_A] = m[interface + k.I_LINK_NUMBER]
                    if purpose == k.KIND_TCP:
                        status = keep_segment(m, b, buf, time, offset)
                    if status == SEGMENT_NOT_WHOLE:
                        status = set_aside(m, b, buf, time, offset)
        else:
            m[k.ABOUT_KIND], m[k.ABOUT_A], m[k.ABOUT_B] = k.KIND_LEFT, m[interface + k.I_LINK_NUMBER], 0
            m[k.PAYLOAD], m[k.PAYLOAD_END] = start, start + captured
            if m[k.OPEN_LEFT] == 1 and m[interface + k.I_LINK] == k.LINK_WANTED:
                status = set_aside(m, b, buf, time, offset)
            if status == MORE:
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
        if dropped > 0:
            m[interface + k.I_DROPPED] += dropped
            m[k.SNOOP_DROPS] += dropped
        if commented:
            m[k.ABOUT_KIND], m[k.PAYLOAD], m[k.PAYLOAD_END] = k.KIND_COMMENT, options, following - 4
            set_aside(m, b, buf, time, offset)
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
