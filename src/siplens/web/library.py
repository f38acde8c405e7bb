"""The database behind the explorer: opened for each question and closed again, so that ingest and check may write in between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from siplens.pipeline.derive import ensure_derived, is_current
from siplens.store import Store, open_store


class Library:
    """One database file, read by many requests at once or written by one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.Condition()
        self._readers = 0

    @contextmanager
    def reading(self) -> Iterator[Store]:
        """The database, read-only, with derived tables that are current. Raises StoreError while another process writes."""
        with self._turn:
            self._readers += 1
        try:
            store = open_store(self.path, write=False)
            with store:
                current = is_current(store)
                if current:
                    yield store
                    return
        finally:
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()
        with self.writing():
            pass  # an older siplens derived these tables, or none did
        with self.reading() as store:
            yield store

    @contextmanager
    def writing(self) -> Iterator[Store]:
        """The database for writing, once nobody in this process reads: DuckDB keeps one kind of access a process."""
        with self._turn:
            self._turn.wait_for(lambda: self._readers == 0)
            with open_store(self.path, write=True) as store:
                ensure_derived(store)
                yield store
