"""ms-diagnostics, ms-client-diagnostics and ms-diagnostics-public headers into rows of `sip_diagnostic` ([MS-OCER] 2.2.1).

One pattern reads what grammars/ms_diagnostics.lark describes; tests hold both against each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from siplens.records.signalling import SIP_DIAGNOSTIC
from siplens.records.table import Batch

HEADER = re.compile(r"^[ \t]*(ms-(?:client-)?diagnostics(?:-public)?)[ \t]*:[ \t]*(?=\d)([^\r\n]*)", re.MULTILINE | re.IGNORECASE)
_NUMBER = re.compile(r"[ \t]*(\d{1,9})(?:\.(\d{1,9}))?[ \t]*")
_ATTRIBUTE = re.compile(r';[ \t]*(?:([A-Za-z][\w-]*)[ \t]*(?:(=)[ \t]*(?:"([^"]*)"|"([^"]*)\Z|([^\s;"][^;]*))?[ \t]*)?)?')
_MEDIA_DEBUG = re.compile(r"^(?:([\w-]+):)?(?=\w+=)")
ICE_WARNINGS = {
    0x10: "TURN server unreachable",
    0x20: "shared secret failed",
    0x40: "UDP allocation failed",
    0x200: "TCP allocation failed",
    0x4000: "UDP local connectivity failed",
    0x8000: "UDP NAT connectivity failed",
    0x10000: "UDP TURN connectivity failed",
    0x40000: "TCP NAT connectivity failed",
    0x80000: "TCP TURN connectivity failed",
    0x100000: "message integrity failed in a check request",
    0x200000: "message integrity failed in a check response",
}
"""Bits of IceWarningFlags ([MS-QoE] 2.2.1.7.1); the published list goes on, and other bits are told by their number."""
_LONGEST = 1 << 14
_MOST_ATTRIBUTES = 200


class Diagnostic(NamedTuple):
    """One header's value, taken apart."""

    diagnostic_id: int
    sub_code: int | None
    attributes: list[tuple[str, str]]
    is_whole: bool
    """False where something stands in it that is no attribute; those before it are kept."""


class Quoted(NamedTuple):
    """A header and where it stood."""

    message_ordinal: int | None
    line: int | None
    name: str
    value: str


def headers_in(text: str) -> list[tuple[str, str]]:
    """Names and values of such headers in a text of lines."""
    return [(name.lower(), value) for name, value in HEADER.findall(text)]


def take_apart(value: str) -> Diagnostic | None:
    """Id, sub-code and attributes of a value such as 10003;source="med01";reason="…"; None where no number begins it."""
    value = value[:_LONGEST]
    number = _NUMBER.match(value)
    if number is None:
        return None
    attributes: list[tuple[str, str]] = []
    end = number.end()
    while len(attributes) < _MOST_ATTRIBUTES and (found := _ATTRIBUTE.match(value, end)):
        end = found.end()
        if found[1]:
            text = next((part for part in found.group(3, 4, 5) if part is not None), "")
            attributes.append((found[1], text.strip()))
    sub_code = int(number[2]) if number[2] else None
    return Diagnostic(int(number[1]), sub_code, attributes, end == len(value))


def diagnostic_batches(quoted: Iterable[Quoted]) -> list[Batch]:
    """Rows of all headers that begin with a number; empty where there are none."""
    rows = []
    positions: dict[tuple[int | None, int | None], int] = {}
    for header in quoted:
        told = take_apart(header.value)
        if told is None:
            continue
        place = (header.message_ordinal, header.line)
        position = positions.get(place, 0)
        positions[place] = position + 1
        rows.append(_row(header, told, position))
    return [Batch(SIP_DIAGNOSTIC.name, pa.RecordBatch.from_pylist(rows, schema=SIP_DIAGNOSTIC.schema))] if rows else []


def _row(header: Quoted, told: Diagnostic, position: int) -> dict[str, object]:
    named: dict[str, str] = {}
    for name, text in told.attributes:
        named.setdefault(name.lower(), text)
    debug = [part for name, text in told.attributes if name.lower().endswith("mediadebug") for part in _pairs(_MEDIA_DEBUG.sub("", text))]
    blob = _pairs(named.get("mediachanblob", ""))
    ice = next((number for name, text in [*debug, *blob] if name.lower() == "icewarn" and (number := _number(text)) is not None), None)
    if ice is None:
        ice = _number(named.get("icewarn", ""))
    code = named.get("sipresponsecode", "")
    return {
        "message_ordinal": header.message_ordinal,
        "line": header.line,
        "position": position,
        "header": header.name,
        "diagnostic_id": told.diagnostic_id,
        "sub_code": told.sub_code,
        "source": named.get("source"),
        "reason": named.get("reason"),
        "component": named.get("component"),
        "sip_response_code": int(code) if code.isdigit() and len(code) < 5 else None,
        "attributes": [{"name": name, "value": text} for name, text in told.attributes],
        "ice_warn": ice,
        "ice_warnings": None if ice is None else ice_warnings(ice),
        "media_debug": [{"name": name, "value": text} for name, text in debug],
        "media_chan": [{"name": name, "value": text} for name, text in blob],
        "no_media": _no_media(blob),
        "is_whole": told.is_whole,
    }


def ice_warnings(flags: int) -> list[str]:
    """The bits of an ICEWarn value in words, lowest first; a bit without a published meaning by its number."""
    bits = [1 << place for place in range(flags.bit_length()) if flags >> place & 1]
    return [ICE_WARNINGS.get(bit, f"{bit:#x} (meaning not published)") for bit in bits]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Name=value, name=value …"""
    parts = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    return [(name.strip(), value.strip()) for name, sign, value in parts if sign]


def _number(text: str) -> int | None:
    try:
        return int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        return None


def _no_media(blob: list[tuple[str, str]]) -> bool | None:
    """True where the counters say that no RTP ever came: RTPSeq and RTPTime are 0. None where they are missing."""
    counters = {name.lower(): value for name, value in blob}
    if "rtpseq" not in counters or "rtptime" not in counters:
        return None
    return counters["rtpseq"] == "0" and counters["rtptime"] == "0"
