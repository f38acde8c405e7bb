"""A file under way before the database is open: two threads hash and decode it while the rest of the program is still being loaded.

Nothing heavy is imported here: hashing begins some milliseconds after the command was typed, and decoding as soon as what decodes
is there, before options are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING

from siplens.errors import SiplensError
from siplens.pipeline.growth import Fingerprint, fingerprint

if TYPE_CHECKING:
    from siplens.capture.seam import Seam
    from siplens.pipeline.recognise import ReadOptions, Recognised
    from siplens.records import Batch

_HEAD_BYTES = 4096
_TURN_S = 0.0005
_WAITING_BATCHES = 2
"""Batches that may wait for the database; a batch of messages has some 40 MB."""


class HeadStart:
    """One file on its way into a database that does not know it. Hashing begins at once, decoding with `read`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest: Future[Fingerprint] = Future()
        self.recognised: Recognised | None = None
        self.seam: Seam | None = None
        """Where it leaves what is under way at its end."""
        self._batches: Queue[Batch | BaseException | None] = Queue(_WAITING_BATCHES)
        self._progress: Callable[[int], None] | None = None
        self._size = path.stat().st_size
        self._start(self._hash)

    @staticmethod
    def _start(work: Callable[[], None]) -> None:
        # Daemons: a process that is told to stop does not wait until they have finished.
        Thread(target=work, name=work.__name__, daemon=True).start()

    def _hash(self) -> None:
        try:
            self.digest.set_result(fingerprint(self.path, size=self._size))
        except BaseException as error:
            self.digest.set_exception(error)

    def read_if_compiled(self) -> None:
        """Begin to decode a capture, as without options, unless its decoder must be compiled first: that is announced before."""
        import siplens.capture
        from siplens.pipeline.recognise import ReadOptions

        with self.path.open("rb") as file:
            if siplens.capture.recognise(file.read(_HEAD_BYTES)) and siplens.capture.kernel_is_compiled():
                self.read(ReadOptions(formats=()))

    def read(self, options: ReadOptions) -> None:
        """Begin to decode, if that was not done. Raises UnreadableFileError as `recognise` does."""
        if self.recognised:
            return
        from siplens.capture import new_seam
        from siplens.pipeline.recognise import recognise

        self.seam = new_seam()
        found = recognise(self.path, options, size=self._size, seam=self.seam)
        if found.kind == "capture":
            # Loaded here and not in the thread: two threads that load modules hinder each other.
            import siplens.capture.reader  # noqa: F401
        self.recognised = replace(found, read=self._read)
        self._start(lambda: self._decode(found))

    def _decode(self, found: Recognised) -> None:
        try:
            for batch in found.read(lambda done: self._progress(done) if self._progress else None):
                self._batches.put(batch)
            self._batches.put(None)
        except BaseException as error:
            self._batches.put(error)

    def _read(self, progress: Callable[[int], None] | None) -> Iterator[Batch]:
        """What `Recognised.read` is for the caller: the batches, and whatever was raised on the way."""
        self._progress = progress
        while (item := self._batches.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item


_begun: list[HeadStart] = []
"""The file that `begin` began with, until `head_start` takes it."""


def begin(paths: list[str], database: Path) -> None:
    """Begins with the file that `head_start` will be asked for, before what reads options is loaded: hashing, and decoding as without any.

    Nothing is said here, whatever is wrong: it will be found again.
    """
    with suppress(OSError):
        if early := head_start(paths, database):
            # The decoding thread asks for its turn now and then, and the others load modules without a pause.
            sys.setswitchinterval(_TURN_S)
            _begun.append(early)
            with suppress(SiplensError):
                early.read_if_compiled()


def head_start(paths: list[str], database: Path) -> HeadStart | None:
    """Begins with the one large file that is to go into a new database; None for anything else: what is known there goes first."""
    if len(paths) != 1 or database.exists():
        return None
    path = Path(paths[0])
    if _begun and _begun[0].path == path:
        return _begun.pop()
    return HeadStart(path) if path.is_file() and path.stat().st_size else None
