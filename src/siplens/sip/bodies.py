"""Which bodies and parts hold SDP or a quality report, and where they stand."""

from __future__ import annotations

import numpy as np

from siplens.sip import layout
from siplens.sip.careful import Rewritten
from siplens.sip.message_rows import Scanned
from siplens.sip.mime import bypass_parameter, media_type
from siplens.sip.quality import Report
from siplens.sip.sdp import SdpParts


def sdp_in(scanned: Scanned, rewritten: dict[int, Rewritten], part_starts: list[int]) -> SdpParts:
    """All SDP, plain bodies and parts of others, in the order of messages and parts. part_starts: of all parts in `rewritten`, in order."""
    plain = np.flatnonzero((scanned.body_kind == layout.SDP_BODY) | (scanned.body_kind == layout.ODD_SDP_BODY))
    names = ["application/sdp"]
    bypass_id: dict[int, str] = {}
    type_of = np.zeros(plain.size, np.int64)
    for index in np.flatnonzero(scanned.body_kind[plain] == layout.ODD_SDP_BODY).tolist():
        content_type = _piece(scanned, layout.CONTENT_TYPE_VALUE, int(plain[index]))
        type_of[index] = len(names)
        names.append(media_type(content_type))
        if parameter := bypass_parameter(content_type):
            bypass_id[index] = parameter
    rows = np.empty((plain.size, 6), np.int64)
    rows[:, 0], rows[:, 1], rows[:, 2] = plain, 0, scanned.at[layout.BODY, plain]
    rows[:, 3], rows[:, 4], rows[:, 5] = scanned.numbers[layout.PART_SIZE, plain], type_of, 0
    more: list[tuple[int, ...]] = []
    for (row, part), start in zip(((row, part) for row, text in rewritten.items() for part in text.parts), part_starts, strict=True):
        if part.kind != layout.ODD_SDP_BODY:
            continue
        if part.bypass_id:
            bypass_id[plain.size + len(more)] = part.bypass_id
        more.append((row, part.number, start, len(part.content), len(names), part.is_fallback))
        names.append(part.content_type)
    if more:
        rows = np.concatenate([rows, np.array(more, np.int64)])
    order = np.lexsort((rows[:, 1], rows[:, 0]))
    places = {int(old): new for new, old in enumerate(order)} if bypass_id else {}
    message, part_number, start_at, length, type_index, fallback = np.ascontiguousarray(rows[order].T)
    return SdpParts(
        start_at, length, message, part_number, fallback == 1, type_index, names, {places[old]: text for old, text in bypass_id.items()}
    )


def reports_in(scanned: Scanned, rewritten: dict[int, Rewritten]) -> list[Report]:
    """Quality reports, in the order of messages."""
    whole = np.flatnonzero(scanned.body_kind == layout.QUALITY_BODY).tolist()
    # The Content-Type of Lync's reports is remembered, not read in a source: a SERVICE that holds one is looked into (DOMAIN 2.1).
    others = np.flatnonzero((scanned.body_kind == layout.OTHER_BODY) & (scanned.numbers[layout.BODY_SIZE] > 0)).tolist()
    whole += [
        row
        for row in others
        if _piece(scanned, layout.METHOD, row) == b"SERVICE" and b"<VQReportEvent" in _piece(scanned, layout.BODY, row)
    ]
    reports = [Report(row, _piece(scanned, layout.BODY, row).decode("utf-8")) for row in whole]
    for row, text in rewritten.items():
        reports += [Report(row, part.content.decode("utf-8")) for part in text.parts if part.kind == layout.QUALITY_BODY]
    return sorted(reports, key=lambda report: report.message)


def _piece(scanned: Scanned, field: int, row: int) -> bytes:
    at, size = int(scanned.at[field, row]), max(int(scanned.size[field, row]), 0)
    return scanned.buffer[at : at + size].tobytes()
