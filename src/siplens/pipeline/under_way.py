"""One file on its way into the store before its turn: its hash, and its batches as far as they may wait.

Nothing heavy is imported here: hashing begins some milliseconds after a command was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from siplens.pipeline.ahead import Ahead
from siplens.pipeline.growth import Fingerprint, fingerprint

if TYPE_CHECKING:
    from siplens.capture.seam import Seam
    from siplens.pipeline.recognise import ReadOptions, Recognised
    from siplens.records import Batch


class UnderWay:
    """One file: `hash` and `begin`, then `decode`, each perhaps in a thread of its own. Raises OSError where it is not there.

    lengths: of which of its beginnings the hash is taken too, rising.
    """

    def __init__(self, path: Path, lengths: Sequence[int] = ()) -> None:
        self.path = path
        self.digest: Future[Fingerprint] = Future()
        self.recognised: Recognised | None = None
        """Set where it is being decoded; what it reads are the batches that wait."""
        self.seam: Seam | None = None
        """Of a capture that is being decoded: where it is joined to others."""
        self.beside: tuple[Path | None, tuple[Path, ...]] = (None, ())
        """Of a log that is being decoded: the file that it was taken to go on from, and those that it was taken to go on in."""
        self.claimed = False
        """Whether somebody hashes it, or did."""
        self.decided = Event()
        """Set when it is known whether it is decoded before its turn."""
        self.decoded = Event()
        """Set when all of it is decoded, or nobody wants it any more."""
        state = path.stat()
        self.size = state.st_size
        self._state = state.st_ino, state.st_mtime_ns, state.st_size
        self._lengths = lengths
        self._found: Recognised | None = None
        self._batches = Ahead()
        self._progress: Callable[[int], None] | None = None
        self._closed = False

    def hash(self) -> None:
        """Takes the hash; what goes wrong is said to who asks for it."""
        try:
            self.digest.set_result(fingerprint(self.path, [length for length in self._lengths if length < self.size], self.size))
        except BaseException as error:
            self.digest.set_exception(error)

    def begin(
        self, options: ReadOptions, seam: Seam, *, before: Path | None = None, after: tuple[Path, ...] = (), log: str | None = None
    ) -> None:
        """Finds the reader. Raises UnreadableFileError as `recognise` does, whose arguments these are."""
        from siplens.pipeline.recognise import recognise

        self.seam, self.beside = seam, (before, after)
        self._found = recognise(self.path, options, before=before, after=after, log=log, seam=seam, size=self.size)
        if self._found.kind == "capture":
            # Loaded here and not in the thread: two threads that load modules hinder each other.
            import siplens.capture.reader  # noqa: F401
        self.recognised = replace(self._found, read=self._read)

    def decode(self) -> None:
        """Makes the batches, as many as may wait at once; until `close`, where nobody takes them."""
        found = self._found
        if found:
            self._batches.fill(lambda: found.read(self._said))
        self.decoded.set()

    def _said(self, done: int) -> None:
        if self._closed:
            raise InterruptedError
        if self._progress:
            self._progress(done)

    def _read(self, progress: Callable[[int], None] | None) -> Iterator[Batch]:
        """What `Recognised.read` is for the caller: the batches, and whatever was raised on the way."""
        self._progress = progress
        return self._batches.taken()

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the batches that nobody took yet."""
        return self._batches.waiting_bytes

    def is_as_it_was(self) -> bool:
        """Whether nobody wrote to the file since it was begun with."""
        try:
            state = self.path.stat()
        except OSError:
            return False
        return (state.st_ino, state.st_mtime_ns, state.st_size) == self._state

    def close(self) -> None:
        """Nobody wants it any more: who decodes it stops soon."""
        self._closed = True
        self.recognised = self.seam = None
        self._batches.close()
        self.decoded.set()
