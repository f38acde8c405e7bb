"""Captures and logs into the store: each file once, whole or not at all."""

from __future__ import annotations

import glob
import io
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from siplens import capture
from siplens.errors import SiplensError, UnreadableFileError
from siplens.pipeline.ahead import read_ahead
from siplens.pipeline.growth import Fingerprint, earlier_parts, fingerprint, smaller_sizes
from siplens.pipeline.head_start import HeadStart
from siplens.pipeline.recognise import HEAD_BYTES, ReadOptions, Recognised, recognise
from siplens.pipeline.rolled import InOrder, in_order
from siplens.pipeline.unpack import unpacked
from siplens.store import Store
from siplens.store.writer import (
    SourceFacts,
    Written,
    drop_source,
    find_source,
    new_source_id,
    transaction,
    write_batches,
    write_source,
)

STDIN = "stdin"
"""How standard input is named as a source."""
MEMORY_MB = 300
"""What the database may take of memory while files are read, however large they are."""
SAVE_EVERY_S = 2.0
"""What was ingested since goes with a process that is killed, whole files of course; at the end all is put on disk."""
HASH_FIRST_BYTES = 16 << 20
"""Up to this size a file is hashed before it is read, so that a known one costs no decoding; above, both at once."""


@dataclass(slots=True)
class IngestedFile:
    """What became of one file."""

    path: Path
    format: str | None = None
    source_id: int | None = None
    known: bool = False
    """True where a file with the same bytes had been ingested before: nothing was changed."""
    rows: dict[str, int] = field(default_factory=dict)
    """Rows written per raw table."""
    warnings: list[str] = field(default_factory=list)
    """What the source could not show (capture_health), in words."""
    error: SiplensError | None = None


Progress = Callable[[Path, int], None]
"""Told now and then: the file, and how many of its bytes have been read."""


def find_files(paths: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Files named by paths, folders and globs, in order; the flag says whether the user named the file itself.

    A folder gives all files below it; those that are no capture and no log are passed over later, without an error.
    """
    for text in paths:
        path = Path(text)
        if path.is_dir():
            yield from ((found, False) for found in sorted(path.rglob("*")) if found.is_file() and not found.name.startswith("."))
        elif not path.exists() and glob.has_magic(text):
            matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
            if not matches:
                raise UnreadableFileError(f"{text}: no file matches")
            yield from ((Path(match), False) for match in matches if Path(match).is_file())
        else:
            yield path, True


def ingest_paths(
    store: Store,
    paths: Sequence[str],
    options: ReadOptions | None = None,
    *,
    label: str | None = None,
    progress: Progress | None = None,
    early: HeadStart | None = None,
) -> Iterator[IngestedFile]:
    """Ingests files one by one, each in a transaction of its own, and says of each what became of it.

    A file that cannot be read carries its error and does not stop the others. Files that a folder or a zip archive merely
    contained and that are neither capture nor log are left out of the answer. The files of a rolled log go in as they were written.
    early: a file among them that is read already.
    """
    options = options or ReadOptions()
    # Batches come from a thread of their own: two more that share out each one would hinder it, and cost more than they save.
    with store.memory_bound(MEMORY_MB), store.on_one_thread(), unpacked(find_files(paths)) as files:
        saved = time.monotonic()
        for found in in_order(files, options):
            if outcome := _found(store, found, options, label, progress, early):
                if time.monotonic() - saved > SAVE_EVERY_S:
                    store.save()
                    saved = time.monotonic()
                yield outcome


def _found(
    store: Store, found: InOrder, options: ReadOptions, label: str | None, progress: Progress | None, early: HeadStart | None
) -> IngestedFile | None:
    """What became of one file; None where a folder or an archive merely contained it and nobody can read it."""
    file = found.file
    shown = Path(file.shown)
    if file.error:
        return IngestedFile(shown, error=file.error)
    before, after = found.before.path if found.before else None, tuple(later.path for later in found.after)
    under_way = early if early and early.recognised and early.path == file.path else None
    try:
        recognised = (under_way and under_way.recognised) or recognise(
            file.path, options, before=before, after=after, ring=found.ring, log=found.log
        )
    except UnreadableFileError as error:
        return IngestedFile(shown, error=error) if file.named else None
    try:
        outcome = _ingest(store, recognised, label, progress, file.shown, under_way.digest if under_way else None)
        if outcome.known and recognised.kind == "capture" and options.wireshark:
            outcome.warnings += _other_engine(store, outcome.source_id)
    except SiplensError as error:
        outcome = IngestedFile(shown, recognised.format, error=error)
    if found.ring and (outcome.known or outcome.error):
        found.ring.forget()
    outcome.path = shown
    return outcome


def _other_engine(store: Store, source_id: int | None) -> list[str]:
    """What to say where a capture was asked of Wireshark that another engine had read before."""
    if store.value("select engine from source where source_id = ?", [source_id]) == "wireshark":
        return []
    return ["it was read without Wireshark before, and each file is read once; give another database with --db to read it anew"]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal. Raises UnreadableFileError."""
    return fingerprint(path).sha256


def ingest_stream(
    store: Store, stream: BinaryIO, options: ReadOptions | None = None, *, label: str | None = None
) -> Iterator[IngestedFile]:
    """Ingests bytes that come only once, such as standard input; a capture is read as it comes, a log is written to a file first."""
    options = options or ReadOptions()
    head = stream.read(HEAD_BYTES)
    name = capture.recognise(head)
    if name is None or options.wireshark:
        with tempfile.TemporaryDirectory(prefix="siplens-") as folder:
            spool = Path(folder) / STDIN
            with spool.open("wb") as file:
                file.write(head)
                shutil.copyfileobj(stream, file, 1 << 20)
            yield from ingest_paths(store, [str(spool)], options, label=label)
        return
    outcome = IngestedFile(Path(STDIN), name)
    taken = Fingerprint(smaller_sizes(store))
    recognised = Recognised(
        outcome.path, "capture", name, 0, lambda _: capture.read_stream(cast(BinaryIO, _Rejoined(head, stream)), outcome.path, taken)
    )
    try:
        _write(store, recognised, outcome, lambda: taken, SourceFacts(STDIN, "capture", 0, label))
    except SiplensError as error:
        outcome.error = error
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


def _ingest(
    store: Store, recognised: Recognised, label: str | None, progress: Progress | None, shown: str, digest: Future[Fingerprint] | None
) -> IngestedFile:
    path, size = recognised.path, recognised.size
    outcome = IngestedFile(path, recognised.format)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256") as hasher:
        digest = digest or hasher.submit(fingerprint, path, smaller_sizes(store, size), size)
        if _may_be_known(store, size) and _is_known(store, digest.result(), outcome):
            return outcome
        _write(store, recognised, outcome, digest.result, SourceFacts(shown, recognised.kind, size, label), progress)
    return outcome


def _write(
    store: Store,
    recognised: Recognised,
    outcome: IngestedFile,
    digest: Callable[[], Fingerprint],
    facts: SourceFacts,
    progress: Progress | None = None,
) -> None:
    """Reads a file into the store in one transaction, unless it turns out to be known; digest tells, once it was read."""
    try:
        with transaction(store):
            written = Written(new_source_id(store))
            batches = recognised.read((lambda done: progress(recognised.path, done)) if progress else None)
            if recognised.kind == "log":  # a capture reads ahead by itself
                batches = read_ahead(batches)
            row = write_batches(store, written.source_id, batches, written)
            found = digest()
            if _is_known(store, found, outcome):
                raise _AlreadyKnownError
            if row is None:
                raise AssertionError(f"the reader of {recognised.format} ended without a source row")
            grown = earlier_parts(store, found)
            for earlier in grown:
                drop_source(store, earlier)
            facts.size_bytes = found.size
            write_source(store, written.source_id, row, facts, found.sha256)
    except _AlreadyKnownError:
        return
    outcome.source_id = written.source_id
    outcome.rows = written.rows
    outcome.warnings = [row[0] for row in store.query("select detail from capture_health where source_id = ?", [written.source_id]).rows]
    if grown:
        outcome.warnings.append("it has grown since it was read before: the whole of it takes the place of what was read then")


class _AlreadyKnownError(Exception):
    """Takes back a file whose hash, ready only after reading, turned out to be known."""


def _may_be_known(store: Store, size: int) -> bool:
    return size <= HASH_FIRST_BYTES or bool(store.value("select count(*) from source where size_bytes = ?", [size]))


def _is_known(store: Store, found: Fingerprint, outcome: IngestedFile) -> bool:
    source_id = find_source(store, found.sha256)
    outcome.known = source_id is not None
    outcome.source_id = source_id
    return outcome.known
