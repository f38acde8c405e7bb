"""Bytes that come only once, such as standard input, into the store."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from siplens import capture
from siplens.errors import SiplensError
from siplens.pipeline.growth import Fingerprint, smaller_sizes
from siplens.pipeline.ingest import ingest_found
from siplens.pipeline.one_file import IngestedFile, Place, write_file
from siplens.pipeline.recognise import ReadOptions, Recognised
from siplens.pipeline.unpack import unpacked
from siplens.scratch import scratch_folder
from siplens.store import Store

STDIN = "stdin"
"""How standard input is named as a source."""


def ingest_stream(
    store: Store, stream: BinaryIO, options: ReadOptions | None = None, *, label: str | None = None
) -> Iterator[IngestedFile]:
    """Ingests bytes that come only once, such as standard input; a capture is read as it comes, a log is written to a file first."""
    options = options or ReadOptions()
    head = stream.read(capture.HEAD_BYTES)
    name = capture.recognise(head)
    if name is None or options.wireshark:
        with scratch_folder() as folder:
            spool = folder / STDIN
            with spool.open("wb") as file:
                file.write(head)
                shutil.copyfileobj(stream, file, 1 << 20)
            yield from _ingest_spooled(store, spool, options, label)
        return
    outcome = IngestedFile(Path(STDIN), name)
    taken = Fingerprint(smaller_sizes(store))
    recognised = Recognised(
        outcome.path, "capture", name, 0, lambda _: capture.read_stream(cast(BinaryIO, _Rejoined(head, stream)), outcome.path, taken)
    )
    try:
        write_file(store, recognised, outcome, lambda: taken, Place(STDIN, label))
    except SiplensError as error:
        outcome.error = error
    yield outcome


def _ingest_spooled(store: Store, spool: Path, options: ReadOptions, label: str | None) -> Iterator[IngestedFile]:
    """A file that standard input was written to, under the name of standard input: nobody knows the other one."""
    with unpacked([(spool, True)]) as files:
        named = (replace(found, shown=found.shown.replace(str(spool), STDIN)) for found in files)
        for outcome in ingest_found(store, named, options, label=label):
            if outcome.error:
                outcome.error.message = outcome.error.message.replace(str(spool), "standard input")
            yield outcome


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes were looked at."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        """What was looked at first, then what comes."""
        if self._head:
            count = min(len(self._head), len(room))
            room[:count] = self._head[:count]
            self._head = self._head[count:]
            return count
        data = self._rest.read1(len(room)) if hasattr(self._rest, "read1") else self._rest.read(len(room))
        room[: len(data)] = data
        return len(data)
