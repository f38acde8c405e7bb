"""Reading ahead changes nothing but the time it takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from siplens.pipeline.ahead import read_ahead
from siplens.records import Batch


def batches(count: int, fail: bool = False) -> Iterator[Batch]:
    for number in range(count):
        yield Batch("log_reject", pa.RecordBatch.from_pydict({"line": [number]}))
    if fail:
        raise OSError("the disk is gone")


def test_order_is_kept() -> None:
    assert [batch.rows.column("line")[0].as_py() for batch in read_ahead(batches(50))] == list(range(50))


def test_an_error_comes_after_what_was_read() -> None:
    taken = []
    with pytest.raises(OSError, match="the disk is gone"):
        taken += [batch.table for batch in read_ahead(batches(3, fail=True))]
    counted = 0
    try:
        for _ in read_ahead(batches(3, fail=True)):
            counted += 1
    except OSError:
        assert counted == 3


def test_who_stops_taking_stops_the_reader() -> None:
    ahead = read_ahead(batches(1_000_000))
    next(ahead)
    ahead.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "reader"]
