"""Which flow an RTP packet belongs to, in the compiled pass: a hash table of 5-tuple and SSRC, opened by SDP or by a second packet.

A flow that SDP did not announce begins with a packet that follows another in sequence: single packets of other protocols
that look like RTP stay out, and their number cannot fill the table.
"""

from __future__ import annotations

from siplens.capture import kernel_layout as k
from siplens.capture.kernel_bytes import be16, be32, fetch_to_write, hash5, inner
from siplens.capture.kernel_layout import Array
from siplens.capture.kernel_sdp import announced_at, find_binding
from siplens.native import inlined

_HALF = 0x80000000
_MAPPED = 0xFFFF00000000
_INDEX = 0xFFFFFFFF
"""An entry of the hash table: in its lower half the flow's number, plus one; in its upper half that of the hash, so that seldom
another flow than the wanted one is looked at."""
_CLOSE_SEQ = 64
"""A second packet this far ahead of the first at most makes a flow that SDP did not announce."""
FLOW_NONE, FLOW_AFTER_DRAIN, FLOW_NO_ROOM = -1, -2, -3


@inner
def _home(m: Array, ports_ssrc: int) -> int:
    """Hash of the packet's addresses, ports and SSRC."""
    return hash5(m[k.SEED], m[k.SRC_HI], m[k.SRC_LO], m[k.DST_HI], m[k.DST_LO], ports_ssrc)


@inlined
def _same(m: Array, row: int, ports_ssrc: int) -> bool:
    """Whether the key at `row` is the packet's."""
    return bool(
        m[row + k.F_PORTS_SSRC] == ports_ssrc
        and m[row + k.F_SRC_LO] == m[k.SRC_LO]
        and m[row + k.F_DST_LO] == m[k.DST_LO]
        and m[row + k.F_SRC_HI] == m[k.SRC_HI]
        and m[row + k.F_DST_HI] == m[k.DST_HI]
    )


@inner
def foresee(m: Array, buf: Array, ip: int, payload: int) -> int:
    """Which flow an IPv4 packet seems to belong to that is not looked at yet, 0: none; what is kept of it is on its way from memory.

    With thousands of flows most of a packet's time would go into waiting for that. ip, payload: where they begin, if the packet
    is built like the one before. Whatever is there, nothing depends on it: `_find_flow` holds the guess against the packet.
    """
    ports_ssrc = (be16(buf, payload - 8) << 48) | (be16(buf, payload - 6) << 32) | be32(buf, payload + 8)
    home = hash5(m[k.SEED], 0, _MAPPED + be32(buf, ip + 12), 0, _MAPPED + be32(buf, ip + 16), ports_ssrc)
    slot = home & m[k.FLOW_SLOTS_MASK]
    entry = m[m[k.FLOW_SLOTS_AT] + slot]
    while entry != 0 and (entry ^ home) >> 32 != 0:
        slot = (slot + 1) & m[k.FLOW_SLOTS_MASK]
        entry = m[m[k.FLOW_SLOTS_AT] + slot]
    if entry == 0:
        return 0
    row = m[k.FLOWS_AT] + ((entry & _INDEX) - 1) * k.FLOW_COLUMNS
    fetch_to_write(m, row)
    fetch_to_write(m, row + k.LINE)
    fetch_to_write(m, row + 2 * k.LINE)
    fetch_to_write(m, row + 3 * k.LINE)
    return row


@inlined
def _find_flow(m: Array, ports_ssrc: int) -> int:
    """Where the packet's living flow lies in `m`; where it has none, -1 minus its free place in the hash table."""
    row = m[k.FORESEEN]
    if row > 0 and _same(m, row, ports_ssrc) and m[row + k.F_ENDED] == 0:
        return row
    mask = m[k.FLOW_SLOTS_MASK]
    home = _home(m, ports_ssrc)
    slot = home & mask
    while True:
        entry = m[m[k.FLOW_SLOTS_AT] + slot]
        if entry == 0:
            return -1 - slot
        if (entry ^ home) >> 32 == 0:
            row = m[k.FLOWS_AT] + ((entry & _INDEX) - 1) * k.FLOW_COLUMNS
            if _same(m, row, ports_ssrc) and m[row + k.F_ENDED] == 0:
                return row
        slot = (slot + 1) & mask


@inner
def _open_flow(m: Array, x: Array, slot: int, ports_ssrc: int, frame: int, time: int, seq: int, stamp: int, pt: int) -> int:
    """Add a flow of the packet's addresses at a free place of the hash table. Returns where it lies in `m`."""
    index = m[k.FLOWS_USED]
    m[k.FLOWS_USED] = index + 1
    m[m[k.FLOW_SLOTS_AT] + slot] = (_home(m, ports_ssrc) & ~_INDEX) | (index + 1)
    row = m[k.FLOWS_AT] + index * k.FLOW_COLUMNS
    m[row + k.F_SRC_HI] = m[k.SRC_HI]
    m[row + k.F_SRC_LO] = m[k.SRC_LO]
    m[row + k.F_DST_HI] = m[k.DST_HI]
    m[row + k.F_DST_LO] = m[k.DST_LO]
    m[row + k.F_PORTS_SSRC] = ports_ssrc
    m[row + k.F_FIRST_FRAME] = frame
    m[row + k.F_FIRST_TIME] = time
    m[row + k.F_TIME] = time
    m[row + k.F_START_SEQ] = seq
    m[row + k.F_STOP_SEQ] = seq
    m[row + k.F_TOP_SEQ] = seq
    m[row + k.F_FIRST_STAMP] = stamp
    m[row + k.F_LAST_STAMP] = stamp
    m[row + k.F_PT] = pt
    m[row + k.F_DTMF_LAST] = -1
    m[row + k.F_GENERATION] = m[k.GENERATION]
    m[row + k.F_KIND] = m[k.ABOUT_D]
    x[row + k.L_JITTER_MIN] = -1.0
    return row


@inlined
def count_packet(m: Array, row: int, frame: int, time: int, pt: int, size: int) -> None:
    """Count a packet, whatever its place in the sequence."""
    m[row + k.F_PACKETS] += 1
    m[row + k.F_BYTES] += size
    m[row + k.F_LAST_FRAME] = frame
    m[row + k.F_LAST_TIME] = time
    for pair in range(row + k.F_PAIRS, row + k.F_PAIRS + k.PAIRS * 2, 2):
        if m[pair] == pt + 1 or m[pair] == 0:
            m[pair] = pt + 1
            m[pair + 1] += 1
            return


@inlined
def _is_told(m: Array, generation: int) -> bool:
    """Whether nothing was announced for the packet's receiver or sender since that generation of announcements."""
    if generation == m[k.GENERATION]:
        return True
    receiver, sender = announced_at(m[k.DST_LO], m[k.DST_PORT]), announced_at(m[k.SRC_LO], m[k.SRC_PORT])
    return bool(m[receiver] <= generation and m[sender] <= generation)


@inner
def _binding_of(m: Array) -> int:
    """Row of what was announced for the packet's receiver, else for its sender (as Wireshark ties them); -1 for neither."""
    row = find_binding(m, m[k.DST_HI], m[k.DST_LO], m[k.DST_PORT])
    if row < 0:
        row = find_binding(m, m[k.SRC_HI], m[k.SRC_LO], m[k.SRC_PORT])
    return row if row >= 0 and m[row + k.B_KIND] & k.MEDIA_T38 == 0 else -1


@inner
def _candidate(m: Array, ports_ssrc: int, frame: int, time: int, seq: int, stamp: int, pt: int, size: int) -> int:
    """Where a packet waits that this one follows in sequence; -1 where none does: then this one waits, in another's place."""
    row = k.CANDIDATES + (_home(m, ports_ssrc) & (k.MAX_CANDIDATES - 1)) * k.CANDIDATE_COLUMNS
    if _same(m, row, ports_ssrc):
        step = (seq - m[row + k.C_SEQ]) & 0xFFFF
        if step >= 1 and step <= _CLOSE_SEQ and (stamp - m[row + k.C_STAMP]) & 0xFFFFFFFF < _HALF:
            return row
    m[row + k.F_SRC_HI] = m[k.SRC_HI]
    m[row + k.F_SRC_LO] = m[k.SRC_LO]
    m[row + k.F_DST_HI] = m[k.DST_HI]
    m[row + k.F_DST_LO] = m[k.DST_LO]
    m[row + k.F_PORTS_SSRC] = ports_ssrc
    m[row + k.C_FRAME] = frame
    m[row + k.C_TIME] = time
    m[row + k.C_SEQ] = seq
    m[row + k.C_STAMP] = stamp
    m[row + k.C_PT] = pt
    m[row + k.C_BYTES] = size
    return -1


@inner
def flow_of(m: Array, x: Array, ports_ssrc: int, time: int, seq: int, stamp: int, pt: int, size: int) -> int:
    """Where the packet's flow lies, opened if need be; or FLOW_NONE, FLOW_AFTER_DRAIN, FLOW_NO_ROOM."""
    row = _find_flow(m, ports_ssrc)
    if row >= 0 and (m[k.PENDING] == 0 or m[row + k.F_BOUND] == 1) and _is_told(m, m[row + k.F_GENERATION]):
        m[row + k.F_GENERATION] = m[k.GENERATION]
        return row
    if m[k.PENDING] > 0 and (row < 0 or m[row + k.F_BOUND] == 0):
        # Signalling that waits for Python may announce this very flow: it goes first.
        return FLOW_AFTER_DRAIN
    binding = _binding_of(m)
    if row >= 0:
        m[row + k.F_GENERATION] = m[k.GENERATION]
        if binding < 0 or m[row + k.F_BOUND] == 1:
            if binding >= 0:
                m[row + k.F_MAP] = m[binding + k.B_MAP]
                m[row + k.F_KIND] |= m[binding + k.B_KIND]
            return row
    if m[k.FLOWS_USED] >= m[k.FLOWS_ROOM]:
        if m[k.FLOWS_ROOM] < m[k.MAX_FLOWS]:
            return FLOW_NO_ROOM
        m[k.FLOWS_REFUSED] += 1
        return FLOW_NONE
    if binding >= 0:
        if row >= 0:
            # Announced only now: what came before stays a flow of its own, and counting begins anew, as Wireshark's does.
            m[row + k.F_ENDED] = 1
            row = _find_flow(m, ports_ssrc)
        row = _open_flow(m, x, -1 - row, ports_ssrc, m[k.FRAME], time, seq, stamp, pt)
        m[row + k.F_BOUND] = 1
        m[row + k.F_MAP] = m[binding + k.B_MAP]
        m[row + k.F_KIND] |= m[binding + k.B_KIND]
        return row
    if pt > 34 and pt < 96:
        return FLOW_NONE
    first = _candidate(m, ports_ssrc, m[k.FRAME], time, seq, stamp, pt, size)
    if first < 0:
        return FLOW_NONE
    frame, began, first_pt = m[first + k.C_FRAME], m[first + k.C_TIME], m[first + k.C_PT]
    row = _open_flow(m, x, -1 - row, ports_ssrc, frame, began, m[first + k.C_SEQ], m[first + k.C_STAMP], first_pt)
    count_packet(m, row, frame, began, first_pt, m[first + k.C_BYTES])
    m[first + k.F_PORTS_SSRC] = -1
    return row
