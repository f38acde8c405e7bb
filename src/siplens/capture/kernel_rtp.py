"""RTP in the compiled pass: its header, and the arithmetic of loss, delta and jitter per flow.

Numbers follow what `tshark -z rtp,streams` prints, so that they can be compared: expected packets from the first to the
last sequence number with wraps counted, deltas and jitter over packets whose RTP time is not before the first packet's,
without marked packets and comfort noise. Jitter is RFC 3550 6.4.1.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, be32, inner
from siplens.capture.kernel_flows import FLOW_AFTER_DRAIN, FLOW_NONE, count_packet, flow_of
from siplens.capture.kernel_layout import MORE, Array
from siplens.native import inlined

_HALF = 0x80000000
_COMFORT_NOISE, _COMFORT_NOISE_OLD = 13, 19
_TAGS_LOOKED_FOR = 64


@inlined
def rtp_header(buf: Array, p: int, end: int) -> int:
    """Length of the RTP header at p with CSRC list and extension; 0 where buf[p:end] holds none (RFC 3550 5.1, 5.3.1)."""
    if p + 12 > end:
        return 0
    length = 12 + 4 * (buf[p] & 15)
    if buf[p] & 0x10:
        if p + length + 4 > end:
            return 0
        length += 4 + 4 * be16(buf, p + length + 2)
    return length if p + length <= end else 0


@inner
def rtcp_chain(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is one whole compound RTCP packet: version 2, types 192 to 223, lengths that add up (RFC 3550 6.1)."""
    while p + 4 <= end:
        if buf[p] >> 6 != 2 or buf[p + 1] < 192 or buf[p + 1] > 223:
            return False
        p += 4 * be16(buf, p + 2) + 4
    return p == end


@inner
def secure_rtcp(buf: Array, p: int, end: int) -> bool:
    """Whether buf[p:end] is an SRTCP packet (RFC 3711 3.4): the header of an SR or RR is in the clear, the rest is not.

    Behind it stand at least the index (4 bytes) and the tag (10). What can be read as a second RTCP header is a plain packet that was cut.
    """
    if p + 22 > end or buf[p] >> 6 != 2 or (buf[p + 1] != 200 and buf[p + 1] != 201):
        return False
    words = be16(buf, p + 2)
    if words != 6 * (buf[p] & 31) + (6 if buf[p + 1] == 200 else 1):
        return False
    rest = p + 4 * words + 4
    if rest + 14 > end:
        return False
    return not (buf[rest] >> 6 == 2 and buf[rest + 1] >= 200 and buf[rest + 1] <= 207 and be16(buf, rest + 2) < 64)


@inner
def _count_cycles(m: Array, row: int, seq: int) -> None:
    """Count wraps of the sequence number: below the first number a new round has begun, above it that round is under way."""
    if m[row + k.F_UNDER] == 0:
        if seq < m[row + k.F_START_SEQ] or (seq == 0 and m[row + k.F_STOP_SEQ] == 65535):
            m[row + k.F_CYCLES] += 1
            m[row + k.F_UNDER] = 1
    elif seq > m[row + k.F_START_SEQ]:
        m[row + k.F_UNDER] = 0


@inlined
def _follow(m: Array, x: Array, row: int, time: int, seq: int, stamp: int, pt: int, marker: int, size: int) -> None:
    """Sequence, delta and jitter of a packet that is not the flow's first; before `count_packet`. size: bytes behind its header."""
    forward = (stamp - m[row + k.F_FIRST_STAMP]) & 0xFFFFFFFF
    ahead = (seq - m[row + k.F_TOP_SEQ]) & 0xFFFF
    if ahead >= 0x8000:
        m[row + k.F_REORDERED] += 1
    else:
        m[row + k.F_TOP_SEQ] = seq
        if ahead == 1:
            m[row + k.F_STEPS] += 1
            if m[row + k.F_PACKETS] < _TAGS_LOOKED_FOR and (pt == 0 or pt == 8 or pt == 9):
                # G.711 and G.722 send a byte per tick. An SRTP authentication tag has 4 or 10 more, a key identifier 4 (RFC 3711 3.1).
                surplus = size - ((stamp - m[row + k.F_LAST_STAMP]) & 0xFFFFFFFF)
                if surplus == 4 or surplus == 10 or surplus == 14:
                    m[row + k.F_TAGGED] += 1
        elif ahead > 1:
            m[row + k.F_GAPS] += 1
            if ahead - 1 > m[row + k.F_LONGEST_GAP]:
                m[row + k.F_LONGEST_GAP] = ahead - 1
    if seq == m[row + k.F_STOP_SEQ]:
        m[row + k.F_DUPLICATED] += 1
    before = m[row + k.F_PT]
    m[row + k.F_PT] = pt
    if forward < _HALF:
        _count_cycles(m, row, seq)
        clock = m[k.CLOCKS + m[row + k.F_MAP] * k.PAYLOAD_TYPES + pt]
        delta = (time - m[row + k.F_TIME]) / 1e6
        if clock > 0:
            nominal = forward * 1000.0 / clock
            difference = abs(delta - (nominal - x[row + k.L_NOMINAL]))
            x[row + k.L_JITTER] = (15.0 * x[row + k.L_JITTER] + difference) / 16.0
            x[row + k.L_NOMINAL] = nominal
            m[row + k.F_CLOCK] = clock
        m[row + k.F_TIME] = time
        noise = pt == _COMFORT_NOISE or pt == _COMFORT_NOISE_OLD or before == _COMFORT_NOISE or before == _COMFORT_NOISE_OLD
        if marker == 0 and not noise:
            if delta > x[row + k.L_DELTA_MAX]:
                x[row + k.L_DELTA_MAX] = delta
            if clock > 0:
                jitter = x[row + k.L_JITTER]
                if jitter > x[row + k.L_JITTER_MAX]:
                    x[row + k.L_JITTER_MAX] = jitter
                x[row + k.L_JITTER_MEAN] += (jitter - x[row + k.L_JITTER_MEAN]) / m[row + k.F_PACKETS]
                if x[row + k.L_JITTER_MIN] < 0.0 or jitter < x[row + k.L_JITTER_MIN]:
                    x[row + k.L_JITTER_MIN] = jitter
    else:
        m[row + k.F_OLD_STAMPS] += 1
    m[row + k.F_LAST_STAMP] = stamp
    m[row + k.F_STOP_SEQ] = seq


@inner
def _count_event(m: Array, row: int, buf: Array, p: int, end: int, stamp: int, pt: int) -> None:
    """Count telephone events: one per RTP time and event code (RFC 4733 2.3); without SDP, by their 4-byte payload."""
    if p + 4 > end:
        return
    named = m[k.CLOCKS + m[row + k.F_MAP] * k.PAYLOAD_TYPES + pt] == -1
    alike = m[row + k.F_BOUND] == 0 and end - p == 4 and buf[p] <= 16 and buf[p + 1] & 0x40 == 0
    if named or alike:
        # What SRTP made longer, it encrypted: then the time alone tells events apart.
        mark = stamp * 256 + (buf[p] if end - p == 4 else 255)
        if mark != m[row + k.F_DTMF_LAST]:
            m[row + k.F_DTMF_LAST] = mark
            m[row + k.F_DTMF_EVENTS] += 1


@inlined
def rtp_packet(m: Array, x: Array, buf: Array, p: int, end: int, time: int) -> int:
    """Account for the UDP payload buf[p:end], whose first bits say RTP version 2. MORE, or why the pass must stop before it."""
    length = rtp_header(buf, p, end)
    if length == 0:
        return MORE
    marker, pt = buf[p + 1] >> 7, buf[p + 1] & 127
    seq, stamp, size = be16(buf, p + 2), be32(buf, p + 4), end - p
    ports_ssrc = (m[k.SRC_PORT] << 48) | (m[k.DST_PORT] << 32) | be32(buf, p + 8)
    row = flow_of(m, x, ports_ssrc, time, seq, stamp, pt, size)
    if row < 0:
        return MORE if row == FLOW_NONE else (k.DRAIN if row == FLOW_AFTER_DRAIN else k.GROW_FLOWS)
    if m[row + k.F_PACKETS] > 0:
        _follow(m, x, row, time, seq, stamp, pt, marker, size - length)
    count_packet(m, row, m[k.FRAME], time, pt, size)
    if size - length <= 16 and pt >= 96:
        _count_event(m, row, buf, p + length, end, stamp, pt)
    return MORE
