"""STUN, TURN and ICE checks into rows of `stun_check`: RFC 8489, 8656, 8445; RFC 3489; Microsoft's [MS-TURN], [MS-ICE2].

An attribute is one row of `_ATTRIBUTES`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from siplens.capture.rows import Row

_COOKIE = 0x2112A442
_MS_TURN = b"\x00\x0f\x00\x04\x72\xc6\x4b\xc6"
"""First attribute of Microsoft's TURN: the magic cookie of an early draft."""
_CLASSES = ("request", "indication", "success", "error")
_METHODS = {
    1: "binding",
    2: "shared-secret",
    3: "allocate",
    4: "refresh",
    6: "send",
    7: "data",
    8: "create-permission",
    9: "channel-bind",
}
_MS_METHODS = {4: "send", 5: "data", 6: "set-active-destination"}
"""Methods that have other numbers in Microsoft's TURN ([MS-TURN] 2.2.1)."""
_MS_DATA_INDICATION = 0x0115
_LATEST_OF_RFC_3489 = 0x0025


def stun_row(packet: bytes, seen: Row) -> Row | None:
    """Row of one message; None where the attributes of an RFC 3489 message do not add up to one."""
    kind, size, cookie = struct.unpack_from("!HHI", packet)
    microsoft = cookie != _COOKIE and packet[20:28] == _MS_TURN
    classic = cookie != _COOKIE and not microsoft
    method = kind & 0x000F | (kind & 0x00E0) >> 1 | (kind & 0x3E00) >> 2
    row: Row = {
        **seen,
        "class": "indication" if microsoft and kind == _MS_DATA_INDICATION else _CLASSES[(kind & 0x0100) >> 7 | (kind & 0x0010) >> 4],
        "method": (_MS_METHODS if microsoft else {}).get(method) or _METHODS.get(method, f"0x{method:03x}"),
        "use_candidate": False,
        "transaction": packet[8 if cookie == _COOKIE else 4 : 20].hex(),
    }
    at, end = 20, 20 + size
    while at + 4 <= end:
        code, length = struct.unpack_from("!HH", packet, at)
        value = packet[at + 4 : at + 4 + length]
        if at + 4 + length > end or (classic and _LATEST_OF_RFC_3489 < code < 0x8000):
            return None if classic else row
        if code in _ATTRIBUTES:
            column, read = _ATTRIBUTES[code]
            if microsoft and read is _hidden_address and code < 0x8000:
                read = _plain_address
            read(row, column, value, packet[4:20])
        if 0x8000 <= code <= 0x80FF and code not in _NAMED_BY_RFC:
            row.setdefault("ms_attributes", []).append(f"0x{code:04x}")
        at += 4 + (length + 3) // 4 * 4
    return row


Reader = Callable[[Row, str, bytes, bytes], None]


def _text(row: Row, column: str, value: bytes, _: bytes) -> None:
    row[column] = value.rstrip(b"\0 ").decode("utf-8", "replace")


def _hexadecimal(row: Row, column: str, value: bytes, _: bytes) -> None:
    row[column] = value.hex()


def _number(row: Row, column: str, value: bytes, _: bytes) -> None:
    if len(value) == 4:
        row[column] = int.from_bytes(value, "big")


def _error(row: Row, column: str, value: bytes, _: bytes) -> None:
    if len(value) >= 4:
        row[column] = (value[2] & 7) * 100 + value[3]


def _present(row: Row, column: str, value: bytes, _: bytes) -> None:
    row[column] = True


def _controlling(row: Row, column: str, value: bytes, _: bytes) -> None:
    row[column] = "controlling"


def _controlled(row: Row, column: str, value: bytes, _: bytes) -> None:
    row[column] = "controlled"


def _plain_address(row: Row, column: str, value: bytes, _: bytes) -> None:
    # What is hidden from meddling translators is the better one.
    if f"{column}_ip" not in row:
        _take_address(row, column, value, None)


def _hidden_address(row: Row, column: str, value: bytes, secret: bytes) -> None:
    _take_address(row, column, value, secret)


def _take_address(row: Row, column: str, value: bytes, secret: bytes | None) -> None:
    """Address and port of an attribute; `secret`, cookie and transaction, hides them: all of it an IPv6 address (RFC 8489 14.2)."""
    family, port = (value[1], struct.unpack_from("!H", value, 2)[0]) if len(value) >= 8 else (0, 0)
    length = {1: 4, 2: 16}.get(family, 0)
    if not length or len(value) < 4 + length:
        return
    address = int.from_bytes(value[4 : 4 + length], "big")
    if secret is not None:
        address ^= int.from_bytes(secret[:length], "big")
        port ^= int.from_bytes(secret[:2], "big")
    row[f"{column}_ip"] = str(IPv4Address(address) if family == 1 else IPv6Address(address))
    row[f"{column}_port"] = port


_ATTRIBUTES: dict[int, tuple[str, Reader]] = {
    0x0001: ("mapped", _plain_address),
    0x0006: ("username", _text),
    0x0009: ("error_code", _error),
    0x000D: ("lifetime_s", _number),
    0x0011: ("peer", _plain_address),  # destination address, [MS-TURN]
    0x0012: ("peer", _hidden_address),
    0x0016: ("relayed", _hidden_address),
    0x0020: ("mapped", _hidden_address),
    0x0024: ("priority", _number),
    0x0025: ("use_candidate", _present),
    0x8008: ("ms_version", _number),
    0x8020: ("mapped", _hidden_address),  # XOR-MAPPED-ADDRESS of early drafts, which Microsoft and others still send
    0x8022: ("software", _text),
    0x8029: ("ice_role", _controlled),
    0x802A: ("ice_role", _controlling),
    0x8054: ("ms_candidate", _hexadecimal),
    0x8055: ("ms_service_quality", _hexadecimal),
    0x8070: ("ms_implementation", _number),
}
_NAMED_BY_RFC = frozenset((0x8020, 0x8022, 0x8023, 0x8028, 0x8029, 0x802A, 0x802B, 0x802C))
