"""Reads ahead: while the store writes one batch, a second thread makes the next. Few bytes wait, so memory stays flat."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from threading import Condition, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from siplens.records import Batch

HELD_BYTES = 32 << 20
"""So many bytes of batches may wait; one batch may, however large: a batch of messages has some 40 MB."""


class _End:
    """The last thing that waits: how reading ended."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Ahead:
    """Batches on their way from the thread that makes them to the one that writes them."""

    def __init__(self) -> None:
        self._waiting: deque[Batch | _End] = deque()
        self._bytes = 0
        self._closed = False
        self._changed = Condition()

    def fill(self, batches: Callable[[], Iterator[Batch]]) -> None:
        """Make batches, in this thread, until their end, or until nobody takes them any more. What goes wrong is said to who takes them."""
        error: BaseException | None = None
        try:
            for batch in batches():
                if not self._put(batch, batch.rows.nbytes):
                    return
        except BaseException as caught:
            error = caught
        self._put(_End(error), 0)

    def _put(self, item: Batch | _End, size: int) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._waiting or self._bytes + size <= HELD_BYTES)
            if not self._closed:
                self._waiting.append(item)
                self._bytes += size
                self._changed.notify_all()
            return not self._closed

    def taken(self) -> Iterator[Batch]:
        """The same batches in the same order; an error of the reader is raised where it would have come."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                item = self._waiting.popleft()
                if not isinstance(item, _End):
                    self._bytes -= item.rows.nbytes
                self._changed.notify_all()
            if isinstance(item, _End):
                if item.error:
                    raise item.error
                return
            yield item

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the batches that wait."""
        return self._bytes

    def close(self) -> None:
        """Nobody takes them any more: who makes them stops after the one that is being made."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._bytes = 0
            self._changed.notify_all()


def read_ahead(batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches, made by a second thread. Closing it stops the reader."""
    ahead = Ahead()
    reader = Thread(target=lambda: ahead.fill(lambda: batches), name="reader", daemon=True)
    reader.start()
    try:
        yield from ahead.taken()
    finally:
        ahead.close()
        reader.join()
