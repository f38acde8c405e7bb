"""Many files of one ingest: while one is written, those after it are hashed and decoded, so that all processors have something to do.

What is done in advance changes nothing in the database. Whether it may be used is decided when a file's turn comes, by what the
database holds then (see `foresight`): the rows are those of one file after another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from siplens.pipeline.under_way import UnderWay

if TYPE_CHECKING:
    from siplens.pipeline.foresight import Foresight, Turn
    from siplens.pipeline.recognise import ReadOptions
    from siplens.pipeline.rolled import InOrder
    from siplens.store import Store

HASHED_FILES = 64
HASHED_BYTES = 1 << 30
"""Hashing is ahead of writing by one file at least, and by no more than this: the system still has the bytes when they are decoded."""
DECODED_FILES = 4
DECODED_BYTES = 32 << 20
"""Decoding is ahead of writing by one file at least, by no more than so many, and not by another while so many bytes wait."""
_PROCESSORS = min(4, os.cpu_count() or 1)


class InAdvance:
    """Files that are read in advance. Hashing begins at once; decoding with `decode`, when their order is known.

    paths: files that are there. known_sizes: those of the sources in the database.
    """

    def __init__(self, paths: Sequence[Path], known_sizes: Sequence[int] = ()) -> None:
        sizes = {path: path.stat().st_size for path in paths}
        lengths = sorted({*known_sizes, *sizes.values()})
        self._put([UnderWay(path, lengths) for path in sizes])
        self._turn = -1
        """Place of the file whose turn it is."""
        self._unclaimed = 0
        """All files before this place are hashed, or being hashed."""
        self._foresight: Foresight | None = None
        self._found: Sequence[InOrder] = ()
        self._undecoded = 0
        """All files before this place are decoded, being decoded, or were not to be."""
        self._closed = False
        self._changed = Condition()
        # One processor is for the rest of the program.
        for _ in range(max(1, _PROCESSORS - 1)):
            _start("sha256", self._hash)

    def _put(self, files: Sequence[UnderWay]) -> None:
        self._files = files
        self._place = {under_way.path: place for place, under_way in enumerate(files)}

    def decode_first(self, options: ReadOptions) -> None:
        """Begins to decode the first file as if it were alone, unless that was done. Raises UnreadableFileError as `recognise` does."""
        first = self._files[0]
        if not first.recognised:
            from siplens.capture import new_seam

            first.begin(options, new_seam())
            _start("decode", first.decode)

    def decode(self, store: Store, ordered: Sequence[InOrder], options: ReadOptions) -> None:
        """Begins to decode the files, in the order in which their turns will come."""
        from siplens.pipeline.foresight import Foresight

        turns: dict[Path, InOrder] = {}
        for found in ordered:
            if found.file.path in self._place:
                turns.setdefault(found.file.path, found)
        self._foresight = Foresight(store, options, list(turns.values()), [under_way.size for under_way in self._files])
        with self._changed:
            self._put([self._files[self._place[path]] for path in turns])
            self._found = list(turns.values())
            self._unclaimed = 0
            self._changed.notify_all()
        for _ in range(_PROCESSORS):
            _start("decode", self._decode)
        # Nothing is loaded any more by now, and who writes waits now and then.
        _start("sha256", self._hash)

    def take(self, path: Path) -> UnderWay | None:
        """The file whose turn it is; None where it is not among these, or somebody wrote to it meanwhile. Close it after its turn."""
        place = self._place.get(path, -1)
        if place <= self._turn:
            return None
        with self._changed:
            passed, self._turn = self._files[self._turn + 1 : place], place
            self._changed.notify_all()
        for other in passed:
            other.close()
        under_way = self._files[place]
        if self._foresight:
            under_way.decided.wait()
        if under_way.is_as_it_was():
            return under_way
        under_way.close()
        return None

    def close(self) -> None:
        """Nothing is read in advance any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for under_way in self._files[self._turn + 1 :]:
            under_way.close()
            if not under_way.claimed:
                under_way.digest.cancel()

    def _hash(self) -> None:
        while under_way := self._next_to_hash():
            under_way.hash()

    def _next_to_hash(self) -> UnderWay | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._may_hash())
            if self._closed or self._unclaimed == len(self._files):
                return None
            under_way = self._files[self._unclaimed]
            under_way.claimed = True
            return under_way

    def _may_hash(self) -> bool:
        self._unclaimed = max(self._unclaimed, self._turn)
        while self._unclaimed < len(self._files) and self._files[self._unclaimed].claimed:
            self._unclaimed += 1
        ahead = self._files[self._turn + 1 : self._unclaimed + 1]
        return len(ahead) <= 1 or (len(ahead) <= HASHED_FILES and sum(under_way.size for under_way in ahead) <= HASHED_BYTES)

    def _decode(self) -> None:
        while turn := self._next_to_decode():
            under_way = turn.under_way
            # What goes wrong here goes wrong again, and is said, when its turn comes.
            with suppress(Exception):
                if self._foresight and self._foresight.begin(turn):
                    under_way.decided.set()
                    under_way.decode()
            under_way.decided.set()
            if not under_way.recognised:
                under_way.decoded.set()

    def _next_to_decode(self) -> Turn | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._may_decode())
            if self._closed or not self._foresight or self._undecoded == len(self._files):
                return None
            self._undecoded += 1
            return self._foresight.turn(self._found[self._undecoded - 1], self._files[self._undecoded - 1])

    def _may_decode(self) -> bool:
        self._undecoded = max(self._undecoded, self._turn)
        ahead = self._files[self._turn + 1 : self._undecoded]
        return not ahead or (len(ahead) < DECODED_FILES and sum(under_way.waiting_bytes for under_way in ahead) < DECODED_BYTES)


def _start(name: str, work: Callable[[], None]) -> None:
    # Daemons: a process that is told to stop does not wait until they have finished.
    Thread(target=work, name=name, daemon=True).start()
