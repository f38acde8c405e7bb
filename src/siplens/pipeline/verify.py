"""The packet kernel held against Wireshark: the same capture read by both, message by message and stream by stream."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from siplens.capture import first_packet_time, read_capture
from siplens.capture.wireshark_reader import read_signalling
from siplens.capture.wireshark_streams import StreamFigures, StreamKey, rtp_streams
from siplens.errors import UnreadableFileError
from siplens.pipeline.recognise import ReadOptions, recognise

TOLERANCE = 0.01
"""Share by which times of a stream may differ: the engines add up in another order."""
_ROUNDING_MS = 0.006
"""tshark prints two or three decimals."""
_TIMES = ("first_s", "last_s")
_ROUNDING_S = 2e-6
"""tshark prints microseconds."""
_EPOCH = dt.datetime(1970, 1, 1)


class MessageFacts(NamedTuple):
    """What is compared of a SIP message."""

    frame: int
    ts: dt.datetime | None
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
    other = _wireshark(path)
    ours: list[MessageFacts] = []
    flows: dict[StreamKey, tuple[bool, StreamFigures]] = {}
    warnings = other.warnings
    began = first_packet_time(path) or 0.0
    # The kernel by itself: what it would hand to tshark is a difference here.
    for table, rows in read_capture(path, ask_tshark=False):
        if table == "message":
            ours += _messages(rows)
        elif table == "media_flow":
            flows |= _flows(rows, began)
        elif table == "capture_health":
            warnings += rows["detail"].to_pylist()
    # Either engine may know a stream by other means too: H.323 or MGCP in Wireshark, its own form in the kernel.
    tied = {key for key, (bound, _) in flows.items() if bound} | {key for key in other.streams if other.announced & {key[0:2], key[2:4]}}
    native = {key: figures for key, (_, figures) in flows.items() if key in tied}
    wireshark = {key: figures for key, figures in other.streams.items() if key in tied}
    differences = [*compare_messages(ours, other.messages), *compare_streams(native, wireshark)]
    return Comparison((len(ours), len(other.messages)), (len(native), len(wireshark)), differences, list(dict.fromkeys(warnings)))


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
    """Streams that only one engine has; counts and packet times that differ; durations that differ by more than TOLERANCE."""
    for key in sorted(ours.keys() | theirs.keys()):
        subject = f"{key.src_ip}:{key.src_port} > {key.dst_ip}:{key.dst_port} 0x{key.ssrc:08X}"
        native, wireshark = ours.get(key), theirs.get(key)
        if native is None or wireshark is None:
            yield Difference("stream", None, subject, "seen", "yes" if native else "no", "yes" if wireshark else "no")
            continue
        for name, one, other in zip(StreamFigures._fields, native, wireshark, strict=True):
            if name in _TIMES:
                same = isclose(one, other, rel_tol=0, abs_tol=_ROUNDING_S)
            else:
                same = one == other if isinstance(other, int) else isclose(one, other, rel_tol=TOLERANCE, abs_tol=_ROUNDING_MS)
            if not same:
                yield Difference("stream", None, subject, name, one, other)


@dataclass(slots=True)
class _Wireshark:
    """What Wireshark makes of a capture."""

    streams: dict[StreamKey, StreamFigures]
    messages: list[MessageFacts] = field(default_factory=list)
    announced: set[tuple[str, int]] = field(default_factory=set)
    """Addresses and ports that SDP in SIP names."""
    warnings: list[str] = field(default_factory=list)


def _wireshark(path: Path) -> _Wireshark:
    seen = _Wireshark(rtp_streams(path))
    batches = read_signalling(path)
    while True:
        try:
            table, rows = next(batches)
        except StopIteration as end:
            seen.warnings += [row["detail"] for row in end.value]
            return seen
        if table == "message":
            seen.messages += _messages(rows)
        elif table == "sdp_media":
            seen.announced |= set(zip(rows["address"].to_pylist(), rows["port"].to_pylist(), strict=True))


def _messages(rows: pa.RecordBatch) -> Iterator[MessageFacts]:
    counted = rows.set_column(rows.schema.get_field_index("headers"), "headers", pc.list_value_length(rows["headers"]))
    # Bytes behind the body that Content-Length tells are no part of the message (RFC 3261 18.3); Wireshark does not show them.
    told = pa.array([_content_length(headers or []) for headers in rows["headers"].to_pylist()], pa.int32())
    sizes = pc.min_element_wise(rows["body_bytes"], told)
    counted = counted.set_column(rows.schema.get_field_index("body_bytes"), "body_bytes", sizes)
    yield from map(MessageFacts._make, zip(*[counted[name].to_pylist() for name in MessageFacts._fields], strict=True))


def _content_length(headers: list[dict[str, str]]) -> int | None:
    values = [header["value"] for header in headers if header["name"].lower() in ("content-length", "l")]
    return int(values[0]) if values and values[0].isdecimal() and len(values[0]) < 9 else None


def _flows(rows: pa.RecordBatch, began: float) -> dict[StreamKey, tuple[bool, StreamFigures]]:
    """Streams of the kernel: whether SDP announced each, and its figures; what the kernel leaves NULL, tshark writes as 0.

    began: when the capture's first packet came, in seconds since 1970.
    """
    found = {}
    for row in rows.to_pylist():
        for name, column in zip(_TIMES, ("first_ts", "last_ts"), strict=True):
            row[name] = (row[column] - _EPOCH) / dt.timedelta(seconds=1) - began if row[column] else 0.0
        figures = StreamFigures._make(row[name] or 0 for name in StreamFigures._fields)
        found[StreamKey._make(row[name] for name in StreamKey._fields)] = (row["bound_by"] == "sdp", figures)
    return found


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
