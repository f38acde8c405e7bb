"""Quality reports in signalling into `qoe_report` rows: VQReportEvent ([MS-QoE] 2.2.1) and vq-rtcpxr text (RFC 6035).

XML is read without entities and DTD: a report that declares any is not read, its text is kept. Comments are passed over.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.signalling import QOE_REPORT
from siplens.records.table import Batch

_TAGS = {
    "dialog_category": "DialogCategory",
    "mediation_bypass_flag": "MediationServerBypassFlag",
    "bypass_warning_flag": "MediaBypassWarningFlag",
    "trunking_peer": "TrunkingPeer",
}
_ATTRIBUTE = re.compile(r"(?<!\w)(\w+)=(\[[^\]]{0,99}\]|\"[^\"]{0,99}\"|\S+)")
_LINE = re.compile(r"^([\w-]+)[ \t]*:(.*)$", re.MULTILINE)
_LONGEST = 1 << 20
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
"""A document type or an entity: without them there is nothing to expand and nothing to fetch."""
_TRUTHS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_WARNINGS = {1: "the bypass id of the default network adapter was unknown"}
"""Values of MediaBypassWarningFlag (QoE database, AudioStreamDetail view); no other is published."""


class Report(NamedTuple):
    """Text of one report and the row of its message within the batch."""

    message: int
    text: str


def quality_batches(reports: list[Report], first_ordinal: int) -> tuple[list[Batch], NDArray[np.int64]]:
    """Rows of all reports, and the messages whose report could not be read."""
    rows: list[dict[str, object]] = []
    unread = []
    for report in reports:
        read = _from_xml(report.text) if report.text.lstrip("\ufeff \t\r\n").startswith("<") else _from_lines(report.text)
        if read is None:
            unread.append(report.message)
            read = {"form": "vqreportevent"}
        rows.append({"message_ordinal": report.message + first_ordinal, "text": report.text, **read})
    batches = [Batch(QOE_REPORT.name, pa.RecordBatch.from_pylist(rows, schema=QOE_REPORT.schema))] if rows else []
    return batches, np.array(unread, np.int64)


def _from_xml(text: str) -> dict[str, object] | None:
    """Fields of a VQReportEvent; None where it is not well-formed, declares entities, or is longer than a megabyte."""
    if _DECLARATION.search(text) or len(text) > _LONGEST:
        return None
    from xml.etree import ElementTree  # few captures have any

    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \t\r\n"))
    except (ElementTree.ParseError, ValueError):
        return None
    # Elements of later versions bear other namespaces (v2:, v3:): the local name tells.
    first: dict[str, str] = {}
    call_ids: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        first.setdefault(name, (element.text or "").strip())
        for key in ("CallId", "CallID", "SessionId"):
            if key in element.attrib:
                call_ids.setdefault(key, element.attrib[key].partition(";")[0])
        if name in ("LocalAddr", "RemoteAddr"):
            address = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
            addresses.setdefault(name, address.get("IPAddr") or address.get("IP") or (element.text or "").strip())
    return {
        "form": "vqreportevent",
        "reported_call_id": next((call_ids[key] for key in ("CallId", "CallID", "SessionId") if key in call_ids), None),
        "local_address": addresses.get("LocalAddr") or None,
        "remote_address": addresses.get("RemoteAddr") or None,
        "connectivity_ice": first.get("ConnectivityIce") or first.get("Ice") or None,
        "bypassed": _TRUTHS.get(first.get("MediationServerBypassFlag", "").lower()),
        "bypass_warning": _warning(first.get("MediaBypassWarningFlag", "")),
        **{column: first.get(tag) for column, tag in _TAGS.items()},
    }


def _warning(text: str) -> str | None:
    """MediaBypassWarningFlag in words; None where there is none."""
    try:
        flags = int(text, 0)
    except ValueError:
        return f"{text} (meaning not published)" if text else None
    return None if flags == 0 else _WARNINGS.get(flags, f"{text} (meaning not published)")


def _from_lines(text: str) -> dict[str, object]:
    """Fields of a vq-rtcpxr report (RFC 6035 4.6): LocalAddr:IP=… PORT=… SSRC=…"""
    fields: dict[str, str] = {}
    for name, value in _LINE.findall(text):
        fields.setdefault(name.lower(), value.strip())

    def ip(name: str) -> str | None:
        found = {key.lower(): value.strip('[]"') for key, value in _ATTRIBUTE.findall(fields.get(name, ""))}
        return found.get("ip")

    def number(name: str, attribute: str) -> float | None:
        found = {key.lower(): value for key, value in _ATTRIBUTE.findall(fields.get(name, ""))}
        try:
            return float(found[attribute])
        except (KeyError, ValueError):
            return None

    metrics = {"loss_pct": number("packetloss", "nlr"), "jitter_ms": number("delay", "iaj"), "mos": number("qualityest", "moslq")}
    call_id = fields.get("callid") or fields.get("call-id") or fields.get("dialogid", "").partition(";")[0]
    ends = {"local_address": ip("localaddr"), "remote_address": ip("remoteaddr")}
    return {"form": "vq-rtcpxr", "reported_call_id": call_id or None, **ends, **metrics}
