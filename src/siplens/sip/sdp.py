"""SDP bodies into `sdp_media` and `ice_candidate` rows."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.arrays import as_column
from siplens.records.signalling import ICE_CANDIDATE, SDP_MEDIA
from siplens.records.table import Batch
from siplens.sip import sdp_layout as sl
from siplens.sip import static_codecs
from siplens.sip.names import ATTRIBUTE_TABLE
from siplens.sip.scan_sdp import count_sdp, scan_sdp
from siplens.sip.text_columns import chosen, lowered, may_hold, numbers, texts


class SdpParts(NamedTuple):
    """Where SDP stands in a buffer: one row a part, in the order of messages and parts."""

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    message: NDArray[np.int64]
    """Row of the message, from 0, within the batch."""
    part: NDArray[np.int64]
    is_fallback: NDArray[np.bool_]
    type_of: NDArray[np.int64]
    """Position in `type_names`."""
    type_names: list[str]
    bypass_id: dict[int, str]
    """Parameter x-bypassid of the part's Content-Type, by row; few have it."""


def sdp_batches(buffer: NDArray[np.uint8], parts: SdpParts, first_ordinal: int) -> tuple[list[Batch], NDArray[np.bool_]]:
    """Rows of all parts, and which parts had a line that could not be read."""
    room = np.zeros(3, np.int64)
    count_sdp(buffer, parts.starts, parts.lengths, room)
    at = np.zeros((sl.MEDIA_FIELDS, room[0]), np.int64)
    size = np.full((sl.MEDIA_FIELDS, room[0]), -1, np.int64)
    told = np.full((sl.MEDIA_NUMBERS, room[0]), -1, np.int64)
    formats, suites = np.empty((4, room[1]), np.int64), np.empty((2, room[2]), np.int64)
    candidate_at, candidate_size = (np.empty((sl.CANDIDATE_FIELDS, room[2]), np.int64) for _ in range(2))
    candidate_told, priority = np.empty((sl.CANDIDATE_NUMBERS, room[2]), np.int64), np.empty(room[2], np.float64)
    wrong = np.zeros(parts.starts.size, np.uint8)
    session, maps, found = np.zeros((2, sl.INHERITED), np.int64), np.full((3, 128), -1, np.int64), np.zeros(4, np.int64)
    scan_sdp(
        buffer, parts.starts, parts.lengths, *ATTRIBUTE_TABLE, static_codecs.PLACES, at, size, told, formats, suites,
        candidate_at, candidate_size, candidate_told, priority, wrong, session, maps, found,
    )  # fmt: skip
    media, listed, crypto, candidates = found.tolist()
    batches = []
    if media:
        lists = (formats[:, :listed], suites[:, :crypto])
        batches.append(_media(buffer, parts, first_ordinal, at[:, :media], size[:, :media], told[:, :media], *lists))
    if candidates:
        places = (candidate_at[:, :candidates], candidate_size[:, :candidates], candidate_told[:, :candidates], priority[:candidates])
        batches.append(_candidates(buffer, parts, first_ordinal, *places))
    return batches, wrong != 0


def _media(
    buffer: NDArray[np.uint8],
    parts: SdpParts,
    first_ordinal: int,
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    told: NDArray[np.int64],
    formats: NDArray[np.int64],
    suites: NDArray[np.int64],
) -> Batch:
    def text(row: int) -> pa.Array:
        return texts(buffer, at[row], size[row])

    def lists(row: int, values: pa.Array) -> pa.Array:
        offsets = np.append(told[row], len(values)).astype(np.int32)
        return pa.ListArray.from_arrays(as_column(offsets), values)

    part = told[sl.PART]
    bypass_id = text(sl.BYPASS_ID)
    if parts.bypass_id:
        of_part = pa.array([parts.bypass_id.get(row) for row in range(parts.starts.size)], pa.string())
        import pyarrow.compute as pc

        bypass_id = pc.coalesce(bypass_id, of_part.take(pa.array(part)))
    columns = {
        "message_ordinal": as_column(parts.message[part] + first_ordinal, pa.int32()),
        "part": as_column(parts.part[part], pa.int32()),
        "content_type": chosen(parts.type_names, parts.type_of[part]),
        "is_fallback": as_column(parts.is_fallback[part]),
        "m_index": as_column(told[sl.M_INDEX], pa.int32()),
        "media": text(sl.MEDIA),
        "address": canonical(text(sl.ADDRESS)),
        "port": numbers(told[sl.PORT], pa.int32()),
        "rtcp_port": numbers(told[sl.RTCP_PORT], pa.int32()),
        "rtcp_mux": as_column(told[sl.MUX] == 1),
        "proto": text(sl.PROTO),
        "direction": chosen(sl.DIRECTIONS, told[sl.DIRECTION]),
        "payload_types": lists(sl.FIRST_FORMAT, texts(buffer, formats[0], formats[1])),
        "codecs": lists(sl.FIRST_FORMAT, texts(buffer, formats[2], formats[3], static_codecs.TEXT)),
        "ptime_ms": numbers(told[sl.PTIME], pa.int32()),
        "crypto_suites": lists(sl.FIRST_SUITE, texts(buffer, suites[0], suites[1])),
        "fingerprint": text(sl.FINGERPRINT),
        "ice_ufrag": text(sl.UFRAG),
        "ice_lite": as_column(told[sl.LITE] == 1),
        "bypass_id": lowered(bypass_id),
        "media_settings": text(sl.SETTINGS),
        "origin_address": canonical(text(sl.ORIGIN_ADDRESS)),
        "session_version": text(sl.SESSION_VERSION),
    }
    return Batch(SDP_MEDIA.name, pa.RecordBatch.from_pydict(columns, schema=SDP_MEDIA.schema))


def _candidates(
    buffer: NDArray[np.uint8],
    parts: SdpParts,
    first_ordinal: int,
    at: NDArray[np.int64],
    size: NDArray[np.int64],
    told: NDArray[np.int64],
    priority: NDArray[np.float64],
) -> Batch:
    def text(row: int) -> pa.Array:
        return texts(buffer, at[row], size[row])

    part = told[sl.CANDIDATE_PART]
    columns = {
        "message_ordinal": as_column(parts.message[part] + first_ordinal, pa.int32()),
        "part": as_column(parts.part[part], pa.int32()),
        "m_index": as_column(told[sl.CANDIDATE_M_INDEX], pa.int32()),
        "form": chosen(["rfc5245", "draft6"], told[sl.IS_DRAFT6]),
        "foundation": text(sl.FOUNDATION),
        "component": as_column(told[sl.COMPONENT], pa.int32()),
        "transport": lowered(text(sl.TRANSPORT)),
        "priority": as_column(priority),
        "address": canonical(text(sl.CANDIDATE_ADDRESS)),
        "port": numbers(told[sl.CANDIDATE_PORT], pa.int32()),
        "type": text(sl.TYPE),
        "related_address": canonical(text(sl.RELATED_ADDRESS)),
        "related_port": numbers(told[sl.RELATED_PORT], pa.int32()),
    }
    return Batch(ICE_CANDIDATE.name, pa.RecordBatch.from_pydict(columns, schema=ICE_CANDIDATE.schema))


def canonical(addresses: pa.Array) -> pa.Array:
    """IPv6 addresses in canonical text (RFC 5952); IPv4 addresses and names as they are."""
    if not may_hold(addresses, b":"):
        return addresses
    return pa.array([canonical_address(text) if text else text for text in addresses.to_pylist()], pa.string())


def canonical_address(text: str) -> str:
    """One address in canonical text."""
    if ":" not in text:
        return text
    try:
        return str(ipaddress.IPv6Address(text.strip("[]")))
    except ValueError:
        return text
