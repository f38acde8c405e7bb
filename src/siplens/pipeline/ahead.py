"""Reads ahead: while the store writes one batch, a second thread makes the next. Few batches are held, so memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Full, Queue
from threading import Event, Thread

from siplens.records import Batch

_HELD = 2
_PATIENCE_S = 0.2


class _End:
    """The last thing in the queue: how reading ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches in the same order; an error of the reader is raised where it would have come. Closing it stops the reader."""
    queue: Queue[Batch | _End] = Queue(_HELD)
    stopped = Event()

    def put(item: Batch | _End) -> None:
        while not stopped.is_set():
            try:
                queue.put(item, timeout=_PATIENCE_S)
                return
            except Full:
                continue

    def read() -> None:
        error: BaseException | None = None
        try:
            for batch in batches:
                put(batch)
                if stopped.is_set():
                    break
        except BaseException as caught:
            error = caught
        put(_End(error))

    reader = Thread(target=read, name="reader", daemon=True)
    reader.start()
    try:
        while not isinstance(item := queue.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        stopped.set()
        try:
            while True:
                queue.get_nowait()
        except Empty:
            reader.join()
