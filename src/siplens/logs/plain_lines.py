"""Plain component lines of a block, found by the compiled scan, as a batch of log events."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from siplens.logs.blocks import Block
from siplens.logs.clock import Clock
from siplens.logs.scan_trace import COMPONENT, FLAG, FUNCTION, LEVEL, MACHINE, SPANS, TEXT, scan_plain
from siplens.records.source import LOG_EVENT
from siplens.sip.text_columns import texts


class PlainLines:
    """What the scan found in one block. Texts are ASCII, so bytes and characters are the same."""

    def __init__(self, block: Block, month_first: int) -> None:
        self._block = block
        self._buffer = np.frombuffer(block.text.encode("latin-1"), np.uint8)
        n = len(block.bounds) - 1
        self._at, self._size = np.zeros((SPANS, n), np.int64), np.full((SPANS, n), -1, np.int64)
        self._stamps = np.zeros((n, 2), np.int64)
        self.lines = np.zeros(n + 1, np.int64)
        """Lines of the block before each record."""
        plain = np.zeros(n, np.uint8)
        bounds = np.array(block.bounds, np.int64)
        scan_plain(self._buffer, bounds, month_first, self._at, self._size, self._stamps, self.lines, plain)
        self._plain = np.flatnonzero(plain)
        self.others = np.flatnonzero(plain == 0).tolist()
        """Numbers of the records that are no plain lines."""

    def events(self, clock: Clock) -> pa.RecordBatch:
        """Rows of `log_event` without ordinal, in the order of the log."""
        chosen = self._plain
        at, size = self._at[:, chosen], self._size[:, chosen]
        minutes, which = np.unique(self._stamps[chosen, 0], return_inverse=True)
        begins = np.array([clock.minute_us(int(minute)) for minute in minutes], np.int64)
        ts = begins[which] + 1000 * self._stamps[chosen, 1] if chosen.size else np.zeros(0, np.int64)
        parts = {name: texts(self._buffer, at[row], size[row]) for name, row in _COLUMNS.items()}
        missing = pa.nulls(chosen.size, pa.string())
        columns = {
            "line": pa.array(self.lines[chosen] + self._block.line),
            "ts": pa.array(ts, pa.timestamp("us")),
            **parts,
            "call_id": missing,
            "result_code": missing,
        }
        schema = pa.schema(list(LOG_EVENT.schema)[1:])
        return pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)


_COLUMNS = {"level": LEVEL, "flag": FLAG, "machine": MACHINE, "component": COMPONENT, "function": FUNCTION, "text": TEXT}
