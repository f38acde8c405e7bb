"""RTP in the compiled pass: one row per 5-tuple and SSRC, and the arithmetic of loss and jitter.

Numbers follow what `tshark -z rtp,streams` prints, so that they can be compared: expected packets from the first to the
last sequence number with wraps counted, deltas and jitter over packets whose RTP time is not before the first packet's,
without marked packets and comfort noise. Jitter is RFC 3550 6.4.1.
"""

from __future__ import annotations

from siplens.capture.kernel_bytes import be16, be32, hash5, inner
from siplens.capture.kernel_layout import (
    B_MAP,
    C_BYTES,
    C_FRAME,
    C_PT,
    C_SEQ,
    C_STAMP,
    C_TIME,
    CANDIDATE_COLUMNS,
    CANDIDATES,
    CLOCKS,
    DRAIN,
    DST_HI,
    DST_LO,
    DST_PORT,
    F_BOUND,
    F_BYTES,
    F_CLOCK,
    F_CYCLES,
    F_DST_HI,
    F_DST_LO,
    F_DTMF_EVENTS,
    F_DTMF_LAST,
    F_DUPLICATED,
    F_ENDED,
    F_FIRST_FRAME,
    F_FIRST_STAMP,
    F_FIRST_TIME,
    F_GENERATION,
    F_LAST_FRAME,
    F_LAST_STAMP,
    F_LAST_TIME,
    F_LEVELS,
    F_MAP,
    F_OLD_STAMPS,
    F_PACKETS,
    F_PAIRS,
    F_PORTS_SSRC,
    F_PT,
    F_REORDERED,
    F_SRC_HI,
    F_SRC_LO,
    F_START_SEQ,
    F_STEPS,
    F_STOP_SEQ,
    F_TIME,
    F_TOP_SEQ,
    F_UNDER,
    FLOW_COLUMNS,
    FLOW_SLOTS_AT,
    FLOW_SLOTS_MASK,
    FLOWS_AT,
    FLOWS_REFUSED,
    FLOWS_ROOM,
    FLOWS_USED,
    FRAME,
    GENERATION,
    GROW_FLOWS,
    L_DELTA,
    L_DELTA_MAX,
    L_JITTER,
    L_JITTER_MAX,
    L_JITTER_MEAN,
    L_JITTER_MIN,
    L_NOMINAL,
    LEVEL_COLUMNS,
    MAX_CANDIDATES,
    MAX_FLOWS,
    MORE,
    PAIRS,
    PAYLOAD_TYPES,
    PENDING,
    SEED,
    SRC_HI,
    SRC_LO,
    SRC_PORT,
    Array,
)
from siplens.capture.kernel_sdp import find_binding

_HALF = 0x80000000
_COMFORT_NOISE, _COMFORT_NOISE_OLD = 13, 19
_CLOSE_SEQ = 64
"""A second packet this far ahead of the first at most makes a flow that SDP did not announce."""


@inner
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
def _open_flow(m: Array, x: Array, slot: int, ports_ssrc: int, frame: int, time: int, seq: int, stamp: int, pt: int) -> int:
    """Add a flow of the packet's addresses at a free place of the hash table. Returns where it lies in `m`."""
    index = m[FLOWS_USED]
    m[FLOWS_USED] = index + 1
    m[m[FLOW_SLOTS_AT] + slot] = index + 1
    row = m[FLOWS_AT] + index * FLOW_COLUMNS
    m[row + F_SRC_HI] = m[SRC_HI]
    m[row + F_SRC_LO] = m[SRC_LO]
    m[row + F_DST_HI] = m[DST_HI]
    m[row + F_DST_LO] = m[DST_LO]
    m[row + F_PORTS_SSRC] = ports_ssrc
    m[row + F_FIRST_FRAME] = frame
    m[row + F_FIRST_TIME] = time
    m[row + F_TIME] = time
    m[row + F_START_SEQ] = seq
    m[row + F_STOP_SEQ] = seq
    m[row + F_TOP_SEQ] = seq
    m[row + F_FIRST_STAMP] = stamp
    m[row + F_LAST_STAMP] = stamp
    m[row + F_PT] = pt
    m[row + F_DTMF_LAST] = -1
    m[row + F_GENERATION] = m[GENERATION]
    level = index * LEVEL_COLUMNS
    m[row + F_LEVELS] = level
    x[level + L_JITTER_MIN] = -1.0
    return row


@inner
def _seen(m: Array, row: int, frame: int, time: int, pt: int, size: int) -> None:
    """Count a packet, whatever its place in the sequence."""
    m[row + F_PACKETS] += 1
    m[row + F_BYTES] += size
    m[row + F_LAST_FRAME] = frame
    m[row + F_LAST_TIME] = time
    for pair in range(row + F_PAIRS, row + F_PAIRS + PAIRS * 2, 2):
        if m[pair] == pt + 1 or m[pair] == 0:
            m[pair] = pt + 1
            m[pair + 1] += 1
            return


@inner
def _count_cycles(m: Array, row: int, seq: int) -> None:
    """Count wraps of the sequence number: below the first number a new round has begun, above it that round is under way."""
    if m[row + F_UNDER] == 0:
        if seq < m[row + F_START_SEQ] or (seq == 0 and m[row + F_STOP_SEQ] == 65535):
            m[row + F_CYCLES] += 1
            m[row + F_UNDER] = 1
    elif seq > m[row + F_START_SEQ]:
        m[row + F_UNDER] = 0


@inner
def _follow(m: Array, x: Array, row: int, time: int, seq: int, stamp: int, pt: int, marker: int) -> None:
    """Sequence, delta and jitter of a packet that is not the flow's first; before `_seen`."""
    forward = (stamp - m[row + F_FIRST_STAMP]) & 0xFFFFFFFF
    ahead = (seq - m[row + F_TOP_SEQ]) & 0xFFFF
    if ahead >= 0x8000:
        m[row + F_REORDERED] += 1
    else:
        m[row + F_TOP_SEQ] = seq
        if ahead == 1:
            m[row + F_STEPS] += 1
    if seq == m[row + F_STOP_SEQ]:
        m[row + F_DUPLICATED] += 1
    before = m[row + F_PT]
    m[row + F_PT] = pt
    if forward < _HALF:
        _count_cycles(m, row, seq)
        level = m[row + F_LEVELS]
        clock = m[CLOCKS + m[row + F_MAP] * PAYLOAD_TYPES + pt]
        delta = (time - m[row + F_TIME]) / 1e6
        x[level + L_DELTA] = delta
        if clock > 0:
            nominal = forward * 1000.0 / clock
            difference = abs(delta - (nominal - x[level + L_NOMINAL]))
            x[level + L_JITTER] = (15.0 * x[level + L_JITTER] + difference) / 16.0
            x[level + L_NOMINAL] = nominal
            m[row + F_CLOCK] = clock
        m[row + F_TIME] = time
        noise = pt == _COMFORT_NOISE or pt == _COMFORT_NOISE_OLD or before == _COMFORT_NOISE or before == _COMFORT_NOISE_OLD
        if marker == 0 and not noise:
            if delta > x[level + L_DELTA_MAX]:
                x[level + L_DELTA_MAX] = delta
            if clock > 0:
                jitter = x[level + L_JITTER]
                if jitter > x[level + L_JITTER_MAX]:
                    x[level + L_JITTER_MAX] = jitter
                x[level + L_JITTER_MEAN] += (jitter - x[level + L_JITTER_MEAN]) / m[row + F_PACKETS]
                if x[level + L_JITTER_MIN] < 0.0 or jitter < x[level + L_JITTER_MIN]:
                    x[level + L_JITTER_MIN] = jitter
    else:
        m[row + F_OLD_STAMPS] += 1
    m[row + F_LAST_STAMP] = stamp
    m[row + F_STOP_SEQ] = seq


@inner
def _home(m: Array, ports_ssrc: int) -> int:
    """Hash of the packet's addresses, ports and SSRC."""
    return hash5(m[SEED], m[SRC_HI], m[SRC_LO], m[DST_HI], m[DST_LO], ports_ssrc)


@inner
def _same(m: Array, row: int, ports_ssrc: int) -> bool:
    """Whether the key at `row` is the packet's."""
    return bool(
        m[row + F_PORTS_SSRC] == ports_ssrc
        and m[row + F_SRC_LO] == m[SRC_LO]
        and m[row + F_DST_LO] == m[DST_LO]
        and m[row + F_SRC_HI] == m[SRC_HI]
        and m[row + F_DST_HI] == m[DST_HI]
    )


@inner
def _find_flow(m: Array, ports_ssrc: int) -> int:
    """Where the packet's living flow lies in `m`; where it has none, -1 minus its free place in the hash table."""
    mask = m[FLOW_SLOTS_MASK]
    slot = _home(m, ports_ssrc) & mask
    while True:
        index = m[m[FLOW_SLOTS_AT] + slot]
        if index == 0:
            return -1 - slot
        row = m[FLOWS_AT] + (index - 1) * FLOW_COLUMNS
        if _same(m, row, ports_ssrc) and m[row + F_ENDED] == 0:
            return row
        slot = (slot + 1) & mask


@inner
def _binding_of(m: Array) -> int:
    """rtpmap set announced for the packet's receiver, else for its sender (as Wireshark ties them); -1 for neither."""
    row = find_binding(m, m[DST_HI], m[DST_LO], m[DST_PORT])
    if row < 0:
        row = find_binding(m, m[SRC_HI], m[SRC_LO], m[SRC_PORT])
    return m[row + B_MAP] if row >= 0 else -1


@inner
def _candidate(m: Array, ports_ssrc: int, frame: int, time: int, seq: int, stamp: int, pt: int, size: int) -> int:
    """Where a packet waits that this one follows in sequence; -1 where none does: then this one waits, in another's place."""
    row = CANDIDATES + (_home(m, ports_ssrc) & (MAX_CANDIDATES - 1)) * CANDIDATE_COLUMNS
    if _same(m, row, ports_ssrc):
        step = (seq - m[row + C_SEQ]) & 0xFFFF
        if step >= 1 and step <= _CLOSE_SEQ and (stamp - m[row + C_STAMP]) & 0xFFFFFFFF < _HALF:
            return row
    m[row + F_SRC_HI] = m[SRC_HI]
    m[row + F_SRC_LO] = m[SRC_LO]
    m[row + F_DST_HI] = m[DST_HI]
    m[row + F_DST_LO] = m[DST_LO]
    m[row + F_PORTS_SSRC] = ports_ssrc
    m[row + C_FRAME] = frame
    m[row + C_TIME] = time
    m[row + C_SEQ] = seq
    m[row + C_STAMP] = stamp
    m[row + C_PT] = pt
    m[row + C_BYTES] = size
    return -1


@inner
def _count_event(m: Array, row: int, buf: Array, p: int, end: int, stamp: int, pt: int) -> None:
    """Count telephone events: one per RTP time and event code (RFC 4733 2.3); without SDP, by their 4-byte payload."""
    if p + 4 > end:
        return
    named = m[CLOCKS + m[row + F_MAP] * PAYLOAD_TYPES + pt] == -1
    alike = m[row + F_BOUND] == 0 and end - p == 4 and buf[p] <= 16 and buf[p + 1] & 0x40 == 0
    if named or alike:
        mark = stamp * 256 + buf[p]
        if mark != m[row + F_DTMF_LAST]:
            m[row + F_DTMF_LAST] = mark
            m[row + F_DTMF_EVENTS] += 1


@inner
def _flow_of(m: Array, x: Array, ports_ssrc: int, time: int, seq: int, stamp: int, pt: int, size: int) -> int:
    """Where the packet's flow lies, opened if need be; negative: -1 none, -2 Python must drain first, -3 no room for it."""
    row = _find_flow(m, ports_ssrc)
    if row >= 0 and m[row + F_GENERATION] == m[GENERATION] and (m[PENDING] == 0 or m[row + F_BOUND] == 1):
        return row
    if m[PENDING] > 0 and (row < 0 or m[row + F_BOUND] == 0):
        # Signalling that waits for Python may announce this very flow: it goes first.
        return -2
    rtpmap = _binding_of(m)
    if row >= 0:
        m[row + F_GENERATION] = m[GENERATION]
        if rtpmap < 0 or m[row + F_BOUND] == 1:
            m[row + F_MAP] = m[row + F_MAP] if rtpmap < 0 else rtpmap
            return row
    if m[FLOWS_USED] >= m[FLOWS_ROOM]:
        if m[FLOWS_ROOM] < m[MAX_FLOWS]:
            return -3
        m[FLOWS_REFUSED] += 1
        return -1
    if rtpmap >= 0:
        if row >= 0:
            # Announced only now: what came before stays a flow of its own, and counting begins anew, as Wireshark's does.
            m[row + F_ENDED] = 1
            row = _find_flow(m, ports_ssrc)
        row = _open_flow(m, x, -1 - row, ports_ssrc, m[FRAME], time, seq, stamp, pt)
        m[row + F_BOUND] = 1
        m[row + F_MAP] = rtpmap
        return row
    if pt > 34 and pt < 96:
        return -1
    first = _candidate(m, ports_ssrc, m[FRAME], time, seq, stamp, pt, size)
    if first < 0:
        return -1
    row = _open_flow(m, x, -1 - row, ports_ssrc, m[first + C_FRAME], m[first + C_TIME], m[first + C_SEQ], m[first + C_STAMP], m[first + C_PT])
    _seen(m, row, m[first + C_FRAME], m[first + C_TIME], m[first + C_PT], m[first + C_BYTES])
    m[first + F_PORTS_SSRC] = -1
    return row


@inner
def rtp_packet(m: Array, x: Array, buf: Array, p: int, end: int, time: int) -> int:
    """Account for the UDP payload buf[p:end], whose first bits say RTP version 2. MORE, or why the pass must stop before it."""
    length = rtp_header(buf, p, end)
    if length == 0:
        return MORE
    marker, pt = buf[p + 1] >> 7, buf[p + 1] & 127
    seq, stamp, size = be16(buf, p + 2), be32(buf, p + 4), end - p
    ports_ssrc = (m[SRC_PORT] << 48) | (m[DST_PORT] << 32) | be32(buf, p + 8)
    row = _flow_of(m, x, ports_ssrc, time, seq, stamp, pt, size)
    if row < 0:
        return MORE if row == -1 else (DRAIN if row == -2 else GROW_FLOWS)
    if m[row + F_PACKETS] > 0:
        _follow(m, x, row, time, seq, stamp, pt, marker)
    _seen(m, row, m[FRAME], time, pt, size)
    if size - length <= 16 and pt >= 96:
        _count_event(m, row, buf, p + length, end, stamp, pt)
    return MORE
