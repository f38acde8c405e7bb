"""Header names: which are looked into, and which become a column as they are. A new column is one line in TEXT_COLUMNS.

Compact forms: RFC 3261 7.3.3 and the IANA registry of SIP header fields. Names compare without case.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from siplens.sip import layout
from siplens.sip.sdp_layout import ATTRIBUTES


class TextColumn(NamedTuple):
    """A column of `message` that holds a header's value as written."""

    column: str
    names: tuple[str, ...]
    join: bytes = b", "
    """What stands between several headers of the name."""
    named: bool = False
    """True: each value is led by `name: `."""
    instead: str | None = None
    """Column whose headers serve where there is none of `names`; it is in no table itself if its name begins with `_`."""


TEXT_COLUMNS = (
    TextColumn("user_agent", ("user-agent",), instead="_server"),
    TextColumn("_server", ("server",)),
    TextColumn("require", ("require",)),
    TextColumn("supported", ("supported", "k")),
    TextColumn("allow", ("allow",)),
    TextColumn("rack", ("rack",)),
    TextColumn("reason", ("reason",)),
    TextColumn("warning", ("warning",)),
    TextColumn("replaces", ("replaces",)),
    TextColumn("refer_to", ("refer-to", "r")),
    TextColumn("referred_by", ("referred-by", "b")),
    TextColumn("diversion", ("diversion",), instead="_history_info"),
    TextColumn("_history_info", ("history-info",)),
    TextColumn("asserted_identity", ("p-asserted-identity",)),
    TextColumn("session_id", ("session-id",)),
    TextColumn("ms_conversation_id", ("ms-conversation-id",)),
    TextColumn("ms_diagnostics", ("ms-diagnostics", "ms-client-diagnostics", "ms-diagnostics-public"), b"\n", named=True),
    TextColumn("ms_subnet", ("ms-subnet",)),
    TextColumn("ms_location", ("ms-endpoint-location-data",)),
    TextColumn("ms_mediation_generated", ("ms-mediation-generated",)),
    TextColumn("x_ms", (), b"\n", named=True),
)
KIND_OF_COLUMN = {text.column: layout.FIRST_TEXT + position for position, text in enumerate(TEXT_COLUMNS)}
X_MS = KIND_OF_COLUMN["x_ms"]
"""Kind of every header whose name begins with x-ms- and is no other column."""

LOOKED_INTO = {
    "via": layout.VIA,
    "v": layout.VIA,
    "from": layout.FROM,
    "f": layout.FROM,
    "to": layout.TO,
    "t": layout.TO,
    "call-id": layout.CALL_ID,
    "i": layout.CALL_ID,
    "cseq": layout.CSEQ,
    "contact": layout.CONTACT,
    "m": layout.CONTACT,
    "content-length": layout.CONTENT_LENGTH,
    "l": layout.CONTENT_LENGTH,
    "content-type": layout.CONTENT_TYPE,
    "c": layout.CONTENT_TYPE,
    "max-forwards": layout.MAX_FORWARDS,
    "rseq": layout.RSEQ,
    "date": layout.DATE,
    "content-transfer-encoding": layout.ENCODED,
    "authorization": layout.SECRET,
    "proxy-authorization": layout.SECRET,
    "authentication-info": layout.SECRET,
    "proxy-authentication-info": layout.SECRET,
    "www-authenticate": layout.SECRET,
    "proxy-authenticate": layout.SECRET,
}


def name_table(kinds: dict[str, int]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Names and their kinds as `scan_text.kind_of` looks them up: 256 slots (kind, position, size of the name), and the letters."""
    slots = np.zeros((256, 3), np.int64)
    spelt = bytearray()
    for name, kind in kinds.items():
        letters = name.encode("ascii")
        slot = (len(letters) * 7 + letters[0] * 3 + letters[-1] * 5 + letters[len(letters) // 2] * 11) & 255
        while slots[slot, 0]:
            slot = (slot + 1) & 255
        slots[slot] = kind, len(spelt), len(letters)
        spelt += letters
    return slots, np.frombuffer(bytes(spelt), np.uint8)


HEADER_TABLE = name_table(LOOKED_INTO | {name: KIND_OF_COLUMN[text.column] for text in TEXT_COLUMNS for name in text.names})
ATTRIBUTE_TABLE = name_table(ATTRIBUTES)
