"""The packet kernel held against Wireshark: the same capture read by both, message by message and stream by stream."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from siplens.capture import read_capture
from siplens.capture.wireshark_reader import read_signalling
from siplens.capture.wireshark_streams import StreamFigures, StreamKey, rtp_streams
from siplens.errors import UnreadableFileError
from siplens.pipeline.recognise import ReadOptions, recognise

TOLERANCE = 0.01
"""Share by which times of a stream may differ: the engines add up in another order."""
_ROUNDING_MS = 0.006
"""tshark prints two or three decimals."""


class MessageFacts(NamedTuple):
    """What is compared of a SIP message."""

    frame: int
    start_line: str | None
    method: str | None
    status: int | None
    call_id: str | None
    cseq: int | None
    branch: str | None
    from_tag: str | None
    to_tag: str | None
    headers: int
    """How many header fields it has."""
    body_bytes: int | None
    src_ip: str | None
    src_port: int | None
    dst_ip: str | None
    dst_port: int | None
    transport: str | None


class Difference(NamedTuple):
    """One thing that the engines say differently."""

    kind: str
    """message or stream."""
    frame: int | None
    subject: str
    """Which message or stream, in words."""
    differs: str
    """What differs: a column's name, or 'seen' where one engine does not have it at all."""
    native: object
    wireshark: object


@dataclass(slots=True)
class Comparison:
    """What both engines make of one capture."""

    messages: tuple[int, int]
    """SIP messages: native, Wireshark."""
    streams: tuple[int, int]
    """RTP streams tied to SDP: native, Wireshark."""
    differences: list[Difference]
    warnings: list[str] = field(default_factory=list)
    """What the capture could not show to either, in words."""


def verify_capture(path: Path) -> Comparison:
    """Reads `path` with both engines. Raises UnreadableFileError: no capture, or tshark is missing."""
    if recognise(path, ReadOptions()).kind != "capture":
        raise UnreadableFileError(f"{path}: is a log; verify compares two readings of a capture")
    theirs, warnings = _wireshark(path)
    streams = rtp_streams(path)
    ours: list[MessageFacts] = []
    flows: dict[StreamKey, StreamFigures] = {}
    for table, rows in read_capture(path):
        if table == "message":
            ours += _messages(rows)
        elif table == "media_flow":
            flows |= {key: figures for key, bound, figures in _flows(rows) if bound or key in streams}
        elif table == "capture_health":
            warnings += rows["detail"].to_pylist()
    differences = [*compare_messages(ours, theirs), *compare_streams(flows, streams)]
    return Comparison((len(ours), len(theirs)), (len(flows), len(streams)), differences, list(dict.fromkeys(warnings)))


def compare_messages(ours: Iterable[MessageFacts], theirs: Iterable[MessageFacts]) -> Iterator[Difference]:
    """Messages that only one engine has, and facts of a message in which they differ."""
    native, wireshark = Counter(ours), Counter(theirs)
    rest = defaultdict[tuple[object, ...], list[MessageFacts]](list)
    for facts in sorted((wireshark - native).elements(), key=_frame):
        rest[_identity(facts)].append(facts)
    for facts in sorted((native - wireshark).elements(), key=_frame):
        if twins := rest[_identity(facts)]:
            other = min(twins, key=lambda twin: abs(twin.frame - facts.frame))
            twins.remove(other)
            yield from _message_differences(facts, other)
        else:
            yield Difference("message", facts.frame, _subject(facts), "seen", "yes", "no")
    for facts in sorted((facts for twins in rest.values() for facts in twins), key=_frame):
        yield Difference("message", facts.frame, _subject(facts), "seen", "no", "yes")


def compare_streams(ours: dict[StreamKey, StreamFigures], theirs: dict[StreamKey, StreamFigures]) -> Iterator[Difference]:
    """Streams that only one engine has; counts that differ; times that differ by more than TOLERANCE."""
    for key in sorted(ours.keys() | theirs.keys()):
        subject = f"{key.src_ip}:{key.src_port} > {key.dst_ip}:{key.dst_port} 0x{key.ssrc:08X}"
        native, wireshark = ours.get(key), theirs.get(key)
        if native is None or wireshark is None:
            yield Difference("stream", None, subject, "seen", "yes" if native else "no", "yes" if wireshark else "no")
            continue
        for name, one, other in zip(StreamFigures._fields, native, wireshark, strict=True):
            same = one == other if isinstance(other, int) else isclose(one, other, rel_tol=TOLERANCE, abs_tol=_ROUNDING_MS)
            if not same:
                yield Difference("stream", None, subject, name, one, other)


def _wireshark(path: Path) -> tuple[list[MessageFacts], list[str]]:
    """All messages as Wireshark sees them, and its words on what it could not see."""
    seen: list[MessageFacts] = []
    batches = read_signalling(path)
    while True:
        try:
            table, rows = next(batches)
        except StopIteration as end:
            return seen, [row["detail"] for row in end.value]
        if table == "message":
            seen += _messages(rows)


def _messages(rows: pa.RecordBatch) -> Iterator[MessageFacts]:
    counted = rows.set_column(rows.schema.get_field_index("headers"), "headers", pc.list_value_length(rows["headers"]))
    yield from map(MessageFacts._make, zip(*[counted[name].to_pylist() for name in MessageFacts._fields], strict=True))


def _flows(rows: pa.RecordBatch) -> Iterator[tuple[StreamKey, bool, StreamFigures]]:
    """Streams of the kernel: key, whether SDP announced it, figures; what it leaves NULL, tshark writes as 0."""
    for row in rows.select([*StreamKey._fields, *StreamFigures._fields, "bound_by"]).to_pylist():
        figures = StreamFigures._make(row[name] or 0 for name in StreamFigures._fields)
        yield StreamKey._make(row[name] for name in StreamKey._fields), row["bound_by"] == "sdp", figures


def _frame(facts: MessageFacts) -> int:
    return facts.frame


def _identity(facts: MessageFacts) -> tuple[object, ...]:
    return facts.start_line, facts.call_id, facts.cseq


def _subject(facts: MessageFacts) -> str:
    said = facts.method if facts.status is None else f"{facts.status} to {facts.method}"
    return f"{said} {facts.cseq} of {facts.call_id}"


def _message_differences(native: MessageFacts, wireshark: MessageFacts) -> Iterator[Difference]:
    for name, one, other in zip(MessageFacts._fields, native, wireshark, strict=True):
        if one != other:
            yield Difference("message", native.frame, _subject(native), name, one, other)
