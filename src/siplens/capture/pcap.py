"""What the header of a pcap file says, in all its forms: libpcap's own, and those that others made of it.

Sources: the pcap draft of the IETF opsawg working group; facts on the other forms from Wireshark's documentation of its
file formats. Some forms share a magic number: then the first records tell which it is.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from siplens.capture import kernel_layout as k

_MICROSECONDS, _NANOSECONDS = 1_000_000, 1_000_000_000
_STANDARD, _MODIFIED, _NANO, _IXIA_HARDWARE, _IXIA_SOFTWARE = 0xA1B2C3D4, 0xA1B2CD34, 0xA1B23C4D, 0x1C0001AC, 0x1C0001AB
_PLAIN, _NOKIA, _KUZNETZOV, _KUZNETZOV_WITH_CPU = 16, 20, 24, 28
"""Lengths of a record's header."""

MAGICS: dict[int, tuple[int, int, tuple[int, ...]]] = {
    _STANDARD: (_MICROSECONDS, 24, (_PLAIN, _KUZNETZOV, _NOKIA)),
    _MODIFIED: (_MICROSECONDS, 24, (_KUZNETZOV, _KUZNETZOV_WITH_CPU)),
    _NANO: (_NANOSECONDS, 24, (_PLAIN,)),
    _IXIA_HARDWARE: (_NANOSECONDS, 28, (_PLAIN,)),
    _IXIA_SOFTWARE: (_MICROSECONDS, 28, (_PLAIN,)),
}
"""Magic number: units per second, where the first record begins, lengths that a record's header may have, likeliest first."""

_AIX_LINKS = {6: 1, 9: 6, 15: 10, 24: 0}
"""AIX writes version 2.2, interface types of RFC 1573 instead of link types, and nanoseconds."""
_DG_UX = 543
_RECORDS_TRIED = 8


@dataclass(frozen=True, slots=True)
class PcapForm:
    """How to read the records of one pcap file."""

    swapped: bool
    """Big-endian."""
    units: int
    """Units per second of time stamps."""
    begins: int
    """Where the first record begins."""
    record_header: int
    """Bytes before a packet's first."""
    lengths: int
    """k.KEPT_FIRST, ORIGINAL_FIRST or SMALLER_FIRST."""
    snaplen: int
    link: int


def is_pcap(head: bytes) -> bool:
    """Whether a file begins with a magic number of pcap, in either byte order."""
    return len(head) >= 4 and (struct.unpack("<I", head[:4])[0] in MAGICS or struct.unpack(">I", head[:4])[0] in MAGICS)


def pcap_form(head: bytes) -> PcapForm | None:
    """Form of the file that begins with `head`: as much of it as is at hand. None where it ends within its own header."""
    if len(head) < 24:
        return None
    swapped = struct.unpack("<I", head[:4])[0] not in MAGICS
    order = ">" if swapped else "<"
    magic, major, minor, snaplen, link = struct.unpack_from(order + "IHH8xII", head)
    units, begins, headers = MAGICS[magic]
    if len(head) < begins:
        return None
    lengths = k.KEPT_FIRST
    if major == _DG_UX or (major == 2 and minor < 3):
        lengths = k.ORIGINAL_FIRST
    elif major == 2 and minor == 3:
        lengths = k.SMALLER_FIRST
    if magic == _STANDARD and (major, minor) == (2, 2) and link in _AIX_LINKS:
        lengths, units, link = k.KEPT_FIRST, _NANOSECONDS, _AIX_LINKS[link]
    header = headers[0]
    if len(headers) > 1 and lengths == k.KEPT_FIRST:
        # The first form of which most records make sense.
        header = max(headers, key=lambda size: _records_in_order(head, begins, order, size))
    # The upper bits of the link type field tell of frame check sequences.
    return PcapForm(swapped, units, begins, header, lengths, snaplen, link & 0xFFFF)


def _records_in_order(head: bytes, at: int, order: str, header: int) -> int:
    """How many of the first records make sense if their headers have this length; a record cut by the end of `head` does."""
    for count in range(_RECORDS_TRIED):
        if at + header > len(head):
            return _RECORDS_TRIED
        _, fraction, kept, original = struct.unpack_from(order + "IIII", head, at)
        if kept > k.MAX_CAPTURED or kept > original or original > k.MAX_CAPTURED * 4 or fraction >= _NANOSECONDS:
            return count
        at += header + kept
    return _RECORDS_TRIED
