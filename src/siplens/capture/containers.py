"""What a capture file says about itself: how it begins, and the pcapng blocks that are not packets.

Source: the pcapng draft of the IETF opsawg working group. Packets themselves are the compiled pass's business.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

from siplens.capture import kernel_layout as k
from siplens.capture import snoop
from siplens.capture.links import name_of, row_of, tshark_may_open
from siplens.capture.memory import Memory
from siplens.capture.pcap import is_pcap, pcap_form

_SECTION = b"\x0a\x0d\x0d\x0a"
_BYTE_ORDER = 0x1A2B3C4D
SECTION_HEADER, INTERFACE, NAMES, STATISTICS, SECRETS = 0x0A0D0D0A, 1, 4, 5, 10
_TIMED = {6: "I", 2: "H"}
"""Packet blocks with a time, the enhanced and the obsolete one, and how they write the interface."""
_TLS_KEY_LOG = 0x544C534B
_ADDRESS_LENGTHS = {1: 4, 2: 16}
"""Kinds of records in a name resolution block: IPv4 and IPv6."""
_MAX_COMMENTS, _MAX_NAMES, _MAX_SECRETS = 10_000, 100_000, 1 << 24

_OPTION_COMMENT, _OPTION_TSRESOL, _OPTION_TSOFFSET = 1, 9, 14
_OPTION_IFDROP, _OPTION_OSDROP = 5, 7


class CorruptBlockError(ValueError):
    """A pcapng block that contradicts itself; reading the file ends before it."""


@dataclass(slots=True)
class Notes:
    """What the blocks beside the packets say."""

    drops: dict[int, int] = field(default_factory=dict)
    """Packets that the capturing machine says it lost, by interface: the last counters in the file."""
    comments: list[tuple[str, int, str]] = field(default_factory=list)
    """(what it is a comment on, frame number of the last packet before it, text)."""
    names: dict[tuple[str, str], None] = field(default_factory=dict)
    """(address, name), each once, in order."""
    secrets: list[bytes] = field(default_factory=list)
    """TLS key logs inside the file. They stay in memory, for tshark; nothing of them is stored."""


def container_of(head: bytes) -> str | None:
    """pcap, pcapng or snoop, from a file's first bytes; None for anything else."""
    if head.startswith(_SECTION):
        order = struct.unpack_from("<I", head, 8)[0] if len(head) >= 12 else 0
        return "pcapng" if order in (_BYTE_ORDER, struct.unpack("<I", struct.pack(">I", _BYTE_ORDER))[0]) else None
    if head.startswith(snoop.MAGIC):
        return "snoop" if len(head) < 12 or 2 <= struct.unpack_from("!I", head, 8)[0] <= 5 else None
    return "pcap" if is_pcap(head) else None


def begin(memory: Memory, head: bytes) -> int | None:
    """Set the pass up for a file that begins with `head`, as much of it as is at hand; returns where its first record begins.

    None where the file ends within its own header.
    """
    m = memory.m
    if head.startswith(_SECTION):
        m[k.CONTAINER] = k.PCAPNG
        return 0
    if head.startswith(snoop.MAGIC):
        link = snoop.snoop_link(head)
        if link is None:
            return None
        m[k.CONTAINER], m[k.SWAPPED], m[k.RECORD_HEADER] = k.SNOOP, 1, snoop.RECORD_HEADER
        _add_interface(memory, link, 0, 1_000_000, 0)
        return snoop.HEADER
    form = pcap_form(head)
    if form is None:
        return None
    m[k.SWAPPED], m[k.RECORD_HEADER], m[k.LENGTHS] = int(form.swapped), form.record_header, form.lengths
    _add_interface(memory, form.link, form.snaplen, form.units, 0)
    return form.begins


def _add_interface(memory: Memory, link: int, snaplen: int, units: int, offset: int) -> None:
    number = int(memory.m[k.INTERFACE_END])
    if number >= k.MAX_INTERFACES - 1:
        raise CorruptBlockError(f"more than {k.MAX_INTERFACES - 1} interfaces")
    row = memory.table(k.INTERFACES, k.MAX_INTERFACES, k.INTERFACE_COLUMNS)[number]
    row[:] = 0
    known = row_of(link, memory.link_types)
    row[k.I_LINK] = k.LINK_WANTED if known < 0 and tshark_may_open(link) else known
    row[k.I_LINK_NUMBER] = link
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


def block(memory: Memory, body: bytes, notes: Notes) -> None:
    """Take note of one whole pcapng block: a section begins, an interface is described, its counters are told, names, secrets."""
    order = _order(memory)
    kind = struct.unpack_from(order + "I", body)[0]
    if struct.unpack_from(order + "I", body, len(body) - 4)[0] != len(body):
        raise CorruptBlockError("a block whose two lengths differ")
    if kind == SECTION_HEADER:
        memory.m[k.INTERFACE_BASE] = memory.m[k.INTERFACE_END]
        _note_comments(memory, "section", body[24:-4], notes)
    elif kind == INTERFACE:
        _describe_interface(memory, body, notes)
    elif kind == STATISTICS and len(body) >= 24:
        _note_comments(memory, "statistics", body[20:-4], notes)
        options = _options(body[20:-4], order)
        counters = [options[code] for code in (_OPTION_IFDROP, _OPTION_OSDROP) if len(options.get(code, b"")) == 8]
        lost = sum(struct.unpack(order + "Q", counter)[0] for counter in counters)
        number = int(memory.m[k.INTERFACE_BASE]) + struct.unpack_from(order + "I", body, 8)[0]
        if lost and lost < 1 << 62:
            notes.drops[min(number, k.MAX_INTERFACES)] = lost
    elif kind == NAMES:
        _note_names(body[8:-4], order, notes)
    elif kind == SECRETS and len(body) >= 20:
        what, size = struct.unpack_from(order + "II", body, 8)
        if what == _TLS_KEY_LOG and sum(map(len, notes.secrets)) < _MAX_SECRETS:
            notes.secrets.append(body[16 : min(16 + size, len(body) - 4)])


def _describe_interface(memory: Memory, body: bytes, notes: Notes) -> None:
    order = _order(memory)
    if len(body) < 20:
        raise CorruptBlockError("an interface description that is too short")
    _note_comments(memory, "interface", body[16:-4], notes)
    link, snaplen = struct.unpack_from(order + "H2xI", body, 8)
    options = _options(body[16:-4], order)
    offset = int.from_bytes(options.get(_OPTION_TSOFFSET, b""), "big" if order == ">" else "little", signed=True)
    units = _units_per_second(options.get(_OPTION_TSRESOL, b"\x06"))
    # An offset beyond some 100,000 years would only be noise, and would not fit.
    _add_interface(memory, link, snaplen, units, max(-(1 << 42), min(offset, 1 << 42)))


def comments_in(options: bytes, swapped: bool) -> list[str]:
    """The comments among the options of a block (option 1, which may stand there several times)."""
    order = ">" if swapped else "<"
    texts = [value.rstrip(b"\0").decode("utf-8", "replace") for code, value in _all_options(options, order) if code == _OPTION_COMMENT]
    return [text for text in texts if text]


def _note_comments(memory: Memory, scope: str, options: bytes, notes: Notes) -> None:
    for text in comments_in(options, bool(memory.m[k.SWAPPED])):
        if len(notes.comments) < _MAX_COMMENTS:
            notes.comments.append((scope, int(memory.m[k.FRAME]), text))


def _note_names(records: bytes, order: str, notes: Notes) -> None:
    """Records of a name resolution block: an address, then one or more names that end with a zero."""
    at = 0
    while at + 4 <= len(records):
        kind, size = struct.unpack_from(order + "HH", records, at)
        length = _ADDRESS_LENGTHS.get(kind, 0)
        value = records[at + 4 : at + 4 + size]
        if kind == 0:
            return
        if length and len(value) == size > length:
            address = str(ip_address(value[:length]))
            for name in value[length:].split(b"\0"):
                if name and len(notes.names) < _MAX_NAMES:
                    notes.names[address, name.decode("utf-8", "replace")] = None
        at += 4 + (size + 3) // 4 * 4


def packet_time(head: bytes) -> float | None:
    """Seconds since 1970 of the first packet that has a time, in the pcapng file that begins with `head`; None without one."""
    order, at = "<", 0
    interfaces: list[tuple[int, int]] = []
    while at + 12 <= len(head):
        if head.startswith(_SECTION, at):
            order, interfaces = ("<" if struct.unpack_from("<I", head, at + 8)[0] == _BYTE_ORDER else ">"), []
        kind, size = struct.unpack_from(order + "II", head, at)
        if size < 12 or size % 4 or size > len(head) - at:
            return None
        if kind == INTERFACE and size >= 20:
            options = _options(head[at + 16 : at + size - 4], order)
            offset = int.from_bytes(options.get(_OPTION_TSOFFSET, b""), "big" if order == ">" else "little", signed=True)
            interfaces.append((_units_per_second(options.get(_OPTION_TSRESOL, b"\x06")), offset))
        elif kind in _TIMED and size >= 32:
            number = struct.unpack_from(order + _TIMED[kind], head, at + 8)[0]
            high, low = struct.unpack_from(order + "II", head, at + 12)
            if number < len(interfaces):
                units, offset = interfaces[number]
                return float((high << 32 | low) / units + offset)
        at += size
    return None


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
    for code, value in _all_options(text, order):
        options.setdefault(code, value)
    return options


def _all_options(text: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(text):
        code, size = struct.unpack_from(order + "HH", text, at)
        if code == 0:
            return
        yield code, text[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4
