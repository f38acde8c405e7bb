"""SIP messages in bytes into rows of `message`, `sdp_media`, `ice_candidate`, `qoe_report`, `sip_diagnostic`.

The fast path copies fields straight from the buffer into Arrow columns; messages that it declines are rewritten by `careful` and then
go the same way, so every message is read by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from siplens.records.table import Batch
from siplens.sip import layout
from siplens.sip.bodies import reports_in, sdp_in
from siplens.sip.careful import Rewritten, rewrite
from siplens.sip.diagnostics import Quoted, diagnostic_batches, headers_in
from siplens.sip.message_rows import Scanned, message_batch
from siplens.sip.names import HEADER_TABLE, X_MS
from siplens.sip.quality import quality_batches
from siplens.sip.scan_message import count_lines, scan
from siplens.sip.sdp import sdp_batches
from siplens.sip.text_columns import copied

_ROWS = 20_000
_BYTES = 1 << 25
"""Most rows and bytes scanned at once: bounds memory, and keeps Arrow's 32-bit offsets far from their end."""


def parse_messages(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    observed: pa.RecordBatch,
    first_ordinal: int,
) -> list[Batch]:
    """Rows of the SIP messages at buffer[starts[i] : starts[i] + lengths[i]], each from start line to end of body as the reader framed it.

    observed: columns of `signalling.OBSERVED`, from logs of `LOGGED` too, one row a message; transport: where NULL, the topmost Via's.
    first_ordinal: ordinal of the first message. Returns only batches that have rows. Keys and password proofs are cut from all text.
    """
    starts = np.ascontiguousarray(starts, np.int64)
    lengths = np.ascontiguousarray(lengths, np.int64)
    batches: list[Batch] = []
    first = 0
    while first < starts.size:
        filled = int(np.searchsorted(np.cumsum(lengths[first : first + _ROWS]), _BYTES, side="right"))
        last = min(first + max(filled, 1), starts.size)
        rows = slice(first, last)
        batches += _chunk(buffer, starts[rows], lengths[rows], observed.slice(first, last - first), first_ordinal + first)
        first = last
    return batches


def _scan(
    buffer: NDArray[np.uint8],
    starts: NDArray[np.int64],
    lengths: NDArray[np.int64],
    body_sizes: NDArray[np.int64],
    problems: NDArray[np.int64],
) -> Scanned:
    n = starts.size
    room = count_lines(buffer, starts, lengths)
    at = np.zeros((layout.FIELDS, n), np.int64)
    size = np.full((layout.FIELDS, n), -1, np.int64)
    found = np.full((layout.NUMBERS, n), -1, np.int64)
    needs, body_kind = np.zeros(n, np.uint8), np.zeros(n, np.int8)
    header_first = np.zeros(n + 1, np.int64)
    headers, kinds = np.empty((4, room), np.int64), np.empty(room, np.int16)
    count = scan(
        buffer, starts, lengths, body_sizes, *HEADER_TABLE, X_MS,
        at, size, found, problems, needs, body_kind, header_first, headers, kinds,
    )  # fmt: skip
    return Scanned(buffer, at, size, found, problems, needs, body_kind, header_first, headers, kinds[:count])


def _chunk(
    buffer: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], observed: pa.RecordBatch, first_ordinal: int
) -> list[Batch]:
    n = starts.size
    scanned = _scan(buffer, starts, lengths, np.full(n, -1, np.int64), np.zeros(n, np.int64))
    rewritten: dict[int, Rewritten] = {}
    part_starts: list[int] = []
    declined = np.flatnonzero(scanned.needs)
    if declined.size:
        for row in declined.tolist():
            message = buffer[starts[row] : starts[row] + lengths[row]].tobytes()
            rewritten[row] = rewrite(message, int(scanned.needs[row]))
        scanned, part_starts = _scan_rewritten(buffer, starts, lengths, rewritten)
    parts = sdp_in(scanned, rewritten, part_starts)
    sdp, wrong = sdp_batches(scanned.buffer, parts, first_ordinal)
    scanned.problems[parts.message[wrong]] |= layout.BAD_SDP
    quality, unread = quality_batches(reports_in(scanned, rewritten), first_ordinal)
    scanned.problems[unread] |= layout.BAD_REPORT
    is_latin = np.zeros(n, np.bool_)
    is_latin[[row for row, message in rewritten.items() if message.is_latin]] = True
    messages = message_batch(scanned, is_latin, observed, first_ordinal)
    return [messages, *sdp, *quality, *diagnostic_batches(_diagnostics(messages.rows, first_ordinal))]


def _diagnostics(messages: pa.RecordBatch, first_ordinal: int) -> Iterator[Quoted]:
    """The ms-diagnostics headers of messages; most have none."""
    texts = messages.column("ms_diagnostics")
    if texts.null_count == len(texts):
        return
    for row in np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False)).tolist():
        for name, value in headers_in(texts[row].as_py()):
            yield Quoted(first_ordinal + row, None, name, value)


def _scan_rewritten(
    buffer: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64], rewritten: dict[int, Rewritten]
) -> tuple[Scanned, list[int]]:
    """Scans all messages again in a buffer of their own: rewritten ones in their new text; then parts. Returns parts' starts."""
    extra = np.frombuffer(b"".join(message.text for message in rewritten.values()), np.uint8)
    rows = np.array(list(rewritten), np.int64)
    sizes = np.array([len(message.text) for message in rewritten.values()], np.int64)
    at, size = starts.copy(), lengths.copy()
    at[rows], size[rows] = -1 - (np.cumsum(sizes) - sizes), sizes
    contents = [part.content for message in rewritten.values() for part in message.parts]
    whole = np.concatenate([copied(buffer, extra, at, size), np.frombuffer(b"".join(contents), np.uint8)])
    body_sizes, problems = np.full(starts.size, -1, np.int64), np.zeros(starts.size, np.int64)
    body_sizes[rows] = [message.body_bytes for message in rewritten.values()]
    problems[rows] = [message.problems for message in rewritten.values()]
    end = int(size.sum())
    part_sizes = np.array([len(content) for content in contents], np.int64)
    return _scan(whole, np.cumsum(size) - size, size, body_sizes, problems), (end + np.cumsum(part_sizes) - part_sizes).tolist()
