"""What the header of a snoop file says (RFC 1761): Solaris' own capture format, always big-endian."""

from __future__ import annotations

import struct

MAGIC = b"snoop\0\0\0"
HEADER, RECORD_HEADER = 16, 24
_SHOMITI_TRAILER = 16

_LINKS = {0: 1, 4: 1, 2: 6, 8: 10, 9: 0, 14: 0}
"""Data link types of RFC 1761 and of Solaris, as LINKTYPE_ values: IEEE 802.3 and Ethernet, token ring, FDDI, loopback."""
_SHOMITI_LINKS = {0: 1, 2: 6, 8: 10, 10: 1, 11: 6, 12: 1, 13: 6, 14: 6, 19: 1}
"""The same numbers mean other things in Surveyor's files, which keep 16 bytes behind each packet."""
UNKNOWN_LINK = 0xFFFF


def snoop_link(head: bytes) -> int | None:
    """LINKTYPE_ value of the file that begins with `head`; UNKNOWN_LINK where it has none. None where the file ends within its header."""
    if len(head) < HEADER:
        return None
    kind = struct.unpack_from("!I", head, 12)[0]
    links = _LINKS
    if len(head) >= HEADER + RECORD_HEADER:
        kept, record = struct.unpack_from("!4xII", head, HEADER)
        if record >= RECORD_HEADER + kept + _SHOMITI_TRAILER:
            links = _SHOMITI_LINKS
    return links.get(kind, UNKNOWN_LINK)
