"""Rows of a log on their way into batches: messages, events, and records that could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from siplens.records.signalling import LOGGED, OBSERVED
from siplens.records.source import CAPTURE_HEALTH, LOG_EVENT, LOG_REJECT, SOURCE
from siplens.records.table import Batch
from siplens.sip import parse_messages
from siplens.sip.diagnostics import Quoted, diagnostic_batches, headers_in
from siplens.sip.secrets_cut import cut_keys, cut_proofs

_MESSAGES, _EVENTS, _BYTES = 8_000, 20_000, 1 << 24
_LONGEST_TEXT = 1 << 16
_LONGEST_LINE = 500


EVENT_SCHEMA = pa.schema(list(LOG_EVENT.schema)[1:])
"""Columns of `log_event` but for the ordinal."""


class Rows:
    """Collects rows; `batches` hands out those that are ready. Times are microseconds since 1970, UTC."""

    def __init__(self, dialect: str, status: str) -> None:
        """dialect, status: of messages, where `message` is told no other."""
        self._dialect = (dialect, status)
        self._messages: list[bytes] = []
        self._observed: list[tuple[object, ...]] = []
        self._events: list[tuple[object, ...]] = []
        self._ready: list[pa.RecordBatch] = []
        self._rejects: list[tuple[object, ...]] = []
        self._health: list[tuple[object, ...]] = []
        self._diagnostics: list[Quoted] = []
        self._bytes = 0
        self.messages = 0
        self.events = 0
        self.records = 0
        self._first: int | None = None
        self._last: int | None = None

    def message(
        self,
        text: bytes,
        *,
        line: int,
        offset: int | None,
        ts: int | None = None,
        src: tuple[str | None, int | None, str | None] = (None, None, None),
        dst: tuple[str | None, int | None, str | None] = (None, None, None),
        transport: str | None = None,
        dialect: tuple[str, str] | None = None,
    ) -> None:
        """One SIP message. src, dst: address, port, name. transport: lower case; that of the topmost Via where None.

        dialect: shape of its record and how well that is known (verified, partly, unconfirmed).
        """
        self._messages.append(text)
        ends = (src[0], src[1], dst[0], dst[1], src[2], dst[2])
        self._observed.append((None, line, offset, ts, *ends, transport, *(dialect or self._dialect)))
        self._bytes += len(text)
        self.records += 1

    def event(
        self,
        text: str,
        *,
        line: int,
        ts: int | None = None,
        level: str | None = None,
        flag: str | None = None,
        machine: str | None = None,
        component: str | None = None,
        function: str | None = None,
        call_id: str | None = None,
        result_code: str | None = None,
    ) -> None:
        """One record that is no SIP message. Texts are bytes as latin-1."""
        readable = _readable(text[:_LONGEST_TEXT])
        if "iagnostics" in readable:
            self._diagnostics += [Quoted(None, line, name, value) for name, value in headers_in(readable)]
        machine, component, function = (
            part if part is None or part.isascii() else _readable(part) for part in (machine, component, function)
        )
        self._events.append((line, ts, level, flag, machine, component, function, readable, call_id, result_code))
        self._bytes += len(text)
        self.records += 1

    def set_apart(self) -> None:
        """Closes the events so far: those that follow, until `merge`, are of one block."""
        if self._events:
            self._ready.append(self._table(self._events, EVENT_SCHEMA))
            self._events = []

    def merge(self, plain: pa.RecordBatch, size: int) -> None:
        """Adds events that are a batch already (EVENT_SCHEMA), in line order with those since `set_apart`. size: bytes of the block."""
        self.records += plain.num_rows
        self._bytes += size
        self._note_times(plain.column("ts"))
        batch = plain
        if self._events:
            both = pa.Table.from_batches([plain, self._table(self._events, EVENT_SCHEMA)])
            self._events = []
            batch = both.take(pc.sort_indices(both.column("line"))).combine_chunks().to_batches()[0]
        if batch.num_rows:
            self._ready.append(batch)

    def reject(self, line: int, column: int, text: str, expected: str) -> None:
        """One record that could not be read. text: its line, as latin-1."""
        self.records += 1
        shown = _readable(text[:_LONGEST_LINE].rstrip("\r\n"))
        under = "".join("\t" if letter == "\t" else " " for letter in shown[: column - 1])
        self._rejects.append((line, column, shown, f"{under}^", expected))

    def health(self, check: str, amount: int, detail: str) -> None:
        """What this log could not show, or what was supplied for it: a row of `capture_health`, which `ingest` tells as a warning."""
        self._health.append((check, amount, None, detail))

    @property
    def is_full(self) -> bool:
        """True where `batches` has something worth handing out."""
        events = len(self._events) + sum(batch.num_rows for batch in self._ready)
        return events >= _EVENTS or len(self._messages) >= _MESSAGES or self._bytes > _BYTES or len(self._rejects) >= _EVENTS

    def batches(self) -> Iterator[Batch]:
        """All rows so far, which are then forgotten."""
        if self._messages:
            yield from self._message_batches()
        self.set_apart()
        if self._ready:
            rows = pa.Table.from_batches(self._ready).combine_chunks().to_batches()[0]
            ordinals = pa.array(np.arange(self.events, self.events + rows.num_rows, dtype=np.int32))
            self.events += rows.num_rows
            yield Batch(LOG_EVENT.name, pa.RecordBatch.from_arrays([ordinals, *rows.columns], schema=LOG_EVENT.schema))
        if self._rejects:
            yield Batch(LOG_REJECT.name, self._table(self._rejects, LOG_REJECT.schema))
        if self._health:
            yield Batch(CAPTURE_HEALTH.name, self._table(self._health, CAPTURE_HEALTH.schema))
        yield from diagnostic_batches(self._diagnostics)
        self._ready, self._rejects, self._health, self._diagnostics, self._bytes = [], [], [], [], 0

    def times(self) -> tuple[datetime | None, datetime | None]:
        """The earliest and the latest time of all rows so far (UTC, without zone); forgets the rows."""
        for _ in self.batches():
            pass
        epoch = datetime(1970, 1, 1)
        first, last = (None if time is None else epoch + timedelta(microseconds=time) for time in (self._first, self._last))
        return first, last

    def _message_batches(self) -> list[Batch]:
        lengths = np.array([len(text) for text in self._messages], np.int64)
        observed = self._table(self._observed, pa.schema([(column.name, column.arrow) for column in (*OBSERVED, *LOGGED)]))
        buffer = np.frombuffer(b"".join(self._messages), np.uint8)
        batches = parse_messages(buffer, np.cumsum(lengths) - lengths, lengths, observed, self.messages)
        self.messages += len(self._messages)
        self._messages, self._observed = [], []
        return batches

    def _table(self, rows: list[tuple[object, ...]], schema: pa.Schema) -> pa.RecordBatch:
        """Rows as a batch; their earliest and latest times are noted for the source."""
        columns = [pa.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
        if "ts" in schema.names:
            self._note_times(columns[schema.get_field_index("ts")])
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _note_times(self, column: pa.Array) -> None:
        span = pc.min_max(column.cast(pa.int64()))
        times = [time for time in (self._first, self._last, span["min"].as_py(), span["max"].as_py()) if time is not None]
        self._first, self._last = min(times, default=None), max(times, default=None)

    def source(self, format_name: str, status: str) -> Batch:
        """The row of `source`: the last batch of a reader."""
        row: dict[str, object] = dict.fromkeys(SOURCE.schema.names)
        row |= {"format": format_name, "format_status": status, "first_ts": self._first, "last_ts": self._last}
        row |= {"packets": self.records, "engine": "lark"}
        return Batch(SOURCE.name, pa.RecordBatch.from_pylist([row], schema=SOURCE.schema))


def _readable(text: str) -> str:
    """Bytes as latin-1 into text: UTF-8 where they are, else latin-1; keys and proofs of passwords are cut."""
    if "inline:" in text or "response=" in text or "gssapi-data" in text or "uthori" in text or "k=" in text:
        text = cut_proofs(cut_keys(text.encode("latin-1"))).decode("latin-1")
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return text
