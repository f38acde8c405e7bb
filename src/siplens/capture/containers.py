"""What a capture file says about itself: pcap file headers, and the pcapng blocks that are not packets.

Sources: the pcap and pcapng drafts of the IETF opsawg working group. Packets themselves are the compiled pass's business.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from siplens.capture import kernel_layout as k
from siplens.capture.links import name_of, row_of
from siplens.capture.memory import Memory

_SECTION = b"\x0a\x0d\x0d\x0a"
_BYTE_ORDER = 0x1A2B3C4D
SECTION_HEADER, INTERFACE, STATISTICS = 0x0A0D0D0A, 1, 5

PCAP_MAGICS: dict[int, tuple[int, int]] = {
    0xA1B2C3D4: (1_000_000, 16),
    0xA1B23C4D: (1_000_000_000, 16),
    0xA1B2CD34: (1_000_000, 24),
}
"""Magic number of a pcap file: units per second, length of a record header (24: Kuznetzov's modified form)."""

_OPTION_TSRESOL, _OPTION_TSOFFSET, _OPTION_NAME = 9, 14, 2
_OPTION_IFDROP, _OPTION_OSDROP = 5, 7


class CorruptBlockError(ValueError):
    """A pcapng block that contradicts itself; reading the file ends before it."""


@dataclass(slots=True)
class Drops:
    """Packets that the capturing machine says it lost, by interface: the last counters in the file."""

    counts: dict[int, int] = field(default_factory=dict)


def container_of(head: bytes) -> str | None:
    """pcap or pcapng, from a file's first bytes; None for anything else."""
    if head.startswith(_SECTION):
        order = struct.unpack_from("<I", head, 8)[0] if len(head) >= 12 else 0
        return "pcapng" if order in (_BYTE_ORDER, struct.unpack("<I", struct.pack(">I", _BYTE_ORDER))[0]) else None
    if len(head) >= 4 and (struct.unpack("<I", head[:4])[0] in PCAP_MAGICS or struct.unpack(">I", head[:4])[0] in PCAP_MAGICS):
        return "pcap"
    return None


def begin(memory: Memory, head: bytes) -> int | None:
    """Set the pass up for a file that begins with `head` (24 bytes or more); returns where its first record begins.

    None where the file ends within its own header.
    """
    if head.startswith(_SECTION):
        memory.m[k.IS_PCAPNG] = 1
        return 0
    if len(head) < 24:
        return None
    swapped = struct.unpack("<I", head[:4])[0] not in PCAP_MAGICS
    order = ">" if swapped else "<"
    magic, snaplen, link = struct.unpack(order + "I12xII", head[:24])
    units, header = PCAP_MAGICS[magic]
    memory.m[k.SWAPPED], memory.m[k.RECORD_HEADER] = int(swapped), header
    # The upper bits of the link type field tell of frame check sequences.
    _add_interface(memory, link & 0x03FFFFFF, snaplen, units, 0)
    return 24


def _add_interface(memory: Memory, link: int, snaplen: int, units: int, offset: int) -> None:
    number = int(memory.m[k.INTERFACE_END])
    if number >= k.MAX_INTERFACES - 1:
        raise CorruptBlockError(f"more than {k.MAX_INTERFACES - 1} interfaces")
    row = memory.table(k.INTERFACES, k.MAX_INTERFACES, k.INTERFACE_COLUMNS)[number]
    row[:] = 0
    row[k.I_LINK], row[k.I_LINK_NUMBER] = row_of(link, memory.link_types), link
    row[k.I_SNAPLEN], row[k.I_UNITS_PER_SECOND], row[k.I_OFFSET_SECONDS] = snaplen, units, offset
    memory.m[k.INTERFACE_END] = number + 1


def block_size(memory: Memory, head: bytes) -> int:
    """Length of the pcapng block that begins with `head` (12 bytes); a section header sets the byte order from here on."""
    if head.startswith(_SECTION):
        if struct.unpack_from("<I", head, 8)[0] == _BYTE_ORDER:
            memory.m[k.SWAPPED] = 0
        elif struct.unpack_from(">I", head, 8)[0] == _BYTE_ORDER:
            memory.m[k.SWAPPED] = 1
        else:
            raise CorruptBlockError("a section header without its byte-order magic")
    size: int = struct.unpack_from(_order(memory) + "I", head, 4)[0]
    if size < 12 or size % 4 or size > k.MAX_BLOCK:
        raise CorruptBlockError(f"a block of {size} bytes")
    return size


def block(memory: Memory, body: bytes, drops: Drops) -> None:
    """Take note of one whole pcapng block: a section begins, an interface is described, or its counters are told."""
    order = _order(memory)
    kind = struct.unpack_from(order + "I", body)[0]
    if struct.unpack_from(order + "I", body, len(body) - 4)[0] != len(body):
        raise CorruptBlockError("a block whose two lengths differ")
    if kind == SECTION_HEADER:
        memory.m[k.INTERFACE_BASE] = memory.m[k.INTERFACE_END]
    elif kind == INTERFACE:
        if len(body) < 20:
            raise CorruptBlockError("an interface description that is too short")
        link, snaplen = struct.unpack_from(order + "H2xI", body, 8)
        options = _options(body[16:-4], order)
        offset = int.from_bytes(options.get(_OPTION_TSOFFSET, b""), "big" if order == ">" else "little", signed=True)
        units = _units_per_second(options.get(_OPTION_TSRESOL, b"\x06"))
        # An offset beyond some 100,000 years would only be noise, and would not fit.
        _add_interface(memory, link, snaplen, units, max(-(1 << 42), min(offset, 1 << 42)))
    elif kind == STATISTICS and len(body) >= 24:
        options = _options(body[20:-4], order)
        counters = [options[code] for code in (_OPTION_IFDROP, _OPTION_OSDROP) if len(options.get(code, b"")) == 8]
        lost = sum(struct.unpack(order + "Q", counter)[0] for counter in counters)
        number = int(memory.m[k.INTERFACE_BASE]) + struct.unpack_from(order + "I", body, 8)[0]
        if lost and lost < 1 << 62:
            drops.counts[min(number, k.MAX_INTERFACES)] = lost


def link_names(memory: Memory) -> list[str]:
    """Names of the link types of all interfaces, each once, in order of appearance."""
    return list(dict.fromkeys(name_of(int(row[k.I_LINK_NUMBER]), memory.link_types) for row in memory.interfaces))


def _order(memory: Memory) -> str:
    return ">" if memory.m[k.SWAPPED] else "<"


def _units_per_second(resolution: bytes) -> int:
    """Units per second from if_tsresol: a power of ten, or with the top bit of two. Microseconds where it makes no sense."""
    if len(resolution) < 1:
        return 1_000_000
    exponent = resolution[0] & 0x7F
    if resolution[0] & 0x80:
        return 1 << exponent if exponent <= 62 else 1_000_000
    return 10**exponent if exponent <= 18 else 1_000_000


def _options(text: bytes, order: str) -> dict[int, bytes]:
    options: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(text):
        code, size = struct.unpack_from(order + "HH", text, at)
        if code == 0:
            break
        options.setdefault(code, text[at + 4 : at + 4 + size])
        at += 4 + (size + 3) // 4 * 4
    return options
