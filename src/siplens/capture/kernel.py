"""The compiled single pass: records of pcap and pcapng, one packet after another, chunk by chunk.

`walk` keeps all state in the arrays of `memory.Memory`. It stops, and says why in m[STATUS], when it needs more bytes,
when a table is full, or when Python must look at something first. Nothing is read beyond a packet's captured bytes.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import fetch_to_read, file16, file32
from siplens.capture.kernel_flows import foresee
from siplens.capture.kernel_keep import SEGMENT_NOT_WHOLE, keep_message, keep_segment, set_aside
from siplens.capture.kernel_layout import MORE, NO_TIME, PACKET, Array
from siplens.capture.kernel_packet import sort
from siplens.capture.kernel_records import ENHANCED_PACKET, OLD_PACKET, next_record, packet_options
from siplens.capture.kernel_rtp import rtp_packet
from siplens.capture.kernel_sdp import announce
from siplens.native import native
from siplens.sip.compiled import COMPILED

_AHEAD = 2
"""Packets, if they are all as long as this one, after which bytes are fetched that will be looked at soon."""


@native("i8(i8*, f8*, u1*, u1*, i8, i8, i8)", sources=("kernel*.py",))
def walk(m: Array, x: Array, b: Array, buf: Array, p: int, end: int, base: int) -> int:
    """Work through buf[p:end], or do what m[MODE] says; base is the file offset of buf[0].

    Returns where it stopped; m[STATUS] says why.
    """
    swapped, container, mode = m[k.SWAPPED], m[k.CONTAINER], m[k.MODE]
    kind, options = 0, 0
    # Where the IP header and the payload of the last RTP packet began in its record: of the next one too, mostly.
    foreseen, ip, payload = 0, 0, 0
    if mode == k.MODE_ANNOUNCE:
        announce(m, b, buf, p, end)
        return end
    while True:
        if mode == k.MODE_PACKET:
            start, following, captured, original = p, end, end - p, end - p
            interface, time, offset = k.RAW_INTERFACE, m[k.ONE_TIME], m[k.ONE_OFFSET]
        else:
            status, p, start, captured, original, following, interface, time = next_record(m, buf, p, end)
            if status != PACKET:
                m[k.STATUS] = status
                return p
            offset = base + p
        commented, dropped, options = False, 0, following
        if mode != k.MODE_PACKET:
            kind = file32(buf, p, swapped) if container == k.PCAPNG else 0
            if container == k.SNOOP:
                dropped = file32(buf, p + 12, swapped) - m[k.SNOOP_DROPS]
            elif container == k.PCAPNG and kind == OLD_PACKET:
                dropped = file16(buf, p + 10, swapped)
                dropped = 0 if dropped == 0xFFFF else dropped
            elif container == k.PCAPNG and kind == ENHANCED_PACKET and following - start - captured >= 8:
                options = start + (captured + 3) // 4 * 4
                commented, dropped = packet_options(buf, options, following - 4, swapped)
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
                if purpose == k.KIND_UDP or (purpose >= k.KIND_HEP and purpose <= k.KIND_SCTP):
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
