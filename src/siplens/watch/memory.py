"""Which files a watch has read, kept in the database so that a restart knows them without reading them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from siplens.pipeline.one_file import IngestedFile
from siplens.store import Store
from siplens.store.writer import drop_source, transaction
from siplens.watch.completeness import FileState


class Memory:
    """States of files that were read. A file that is renamed stays known by inode, size and time; one that grows is a new state."""

    def __init__(self) -> None:
        self._states: set[tuple[str, int, int]] = set()
        self._moved: set[tuple[int, int, int]] = set()
        self._ingested: dict[tuple[str, int], dt.datetime] = {}

    def load(self, store: Store) -> None:
        """Takes over what the database knows."""
        for path, size, modified_ns, inode in store.query("select path, size_bytes, modified_ns, inode from watched_file").rows:
            self.note(FileState(Path(path), size, modified_ns, inode))
        # A kill between a file's transaction and watched_file leaves only this trace of it.
        for path, size, ingested_at in store.query("select path, size_bytes, ingested_at from source where kind <> 'config'").rows:
            self._ingested[path, size] = ingested_at.replace(tzinfo=dt.UTC)

    def knows(self, state: FileState) -> bool:
        """Whether this state of the file was read before, under this name or another."""
        if (str(state.path), state.size, state.modified_ns) in self._states:
            return True
        if state.inode and (state.inode, state.size, state.modified_ns) in self._moved:
            return True
        ingested_at = self._ingested.get((str(state.path), state.size))
        return ingested_at is not None and ingested_at.timestamp() > state.modified_ns / 1e9

    def write_down(self, store: Store, state: FileState, outcome: IngestedFile) -> None:
        """Writes down that this state was read, and what became of it; `note` it once that is on disk."""
        words = outcome.error.message if outcome.error else "known" if outcome.known else "ingested" if outcome.source_id else "passed over"
        store.con.execute(
            "INSERT INTO watched_file BY NAME SELECT ? AS path, ? AS size_bytes, ? AS modified_ns, ? AS inode, ? AS read_at, "
            "? AS source_id, ? AS outcome",
            [str(state.path), state.size, state.modified_ns, state.inode, _now(), outcome.source_id, words],
        )

    def take_back(self, store: Store, outcome: IngestedFile) -> None:
        """Takes out what was just read of a file that changed under the reader."""
        if outcome.source_id is not None and not outcome.known:
            with transaction(store):
                drop_source(store, outcome.source_id)

    def note(self, state: FileState) -> None:
        """Knows this state from now on."""
        self._states.add((str(state.path), state.size, state.modified_ns))
        self._moved.add((state.inode, state.size, state.modified_ns))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
