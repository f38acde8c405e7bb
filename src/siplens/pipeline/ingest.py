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
from siplens.pipeline.joined import Joint, join_capture, join_log, write_end
from siplens.pipeline.recognise import HEAD_BYTES, ReadOptions, Recognised, recognise
from siplens.pipeline.rolled import InOrder, in_order
from siplens.pipeline.unpack import FoundFile, unpacked
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
        for outcome in _in_turn(store, in_order(files, options), options, label, progress, early):
            if time.monotonic() - saved > SAVE_EVERY_S:
                store.save()
                saved = time.monotonic()
            yield outcome


def _in_turn(
    store: Store, files: Sequence[InOrder], options: ReadOptions, label: str | None, progress: Progress | None, early: HeadStart | None
) -> Iterator[IngestedFile]:
    """What became of each file, and of files read before whose neighbour it is: they are read again, now that it is there."""
    yield from read_again(store, options)
    for found in files:
        if outcome := _found(store, found, options, label, progress, early):
            yield outcome
            if outcome.source_id is not None and not outcome.known:
                yield from read_again(store, options)


def read_again(store: Store, options: ReadOptions) -> Iterator[IngestedFile]:
    """Reads the files anew that are known and were joined to another since; those that are gone stay as they were read."""
    while rows := store.query("select source_id, read_again from file_end where read_again is not null order by last_ns, source_id").rows:
        source_id, path = rows[0][0], Path(rows[0][1])
        if path.is_file() and find_source(store, file_sha256(path)) == source_id:
            label = store.value("select label from source where source_id = ?", [source_id])
            (found,) = in_order([FoundFile(path, str(path), named=True)], options)
            outcome = _found(store, found, options, label, None, None, instead_of=source_id)
            if outcome and not outcome.error:
                outcome.warnings.append("it was read again, because a file that it is joined to came later")
                yield outcome
        store.con.execute("UPDATE file_end SET read_again = NULL WHERE source_id = ?", [source_id])


def _found(
    store: Store,
    found: InOrder,
    options: ReadOptions,
    label: str | None,
    progress: Progress | None,
    early: HeadStart | None,
    *,
    instead_of: int | None = None,
) -> IngestedFile | None:
    """What became of one file; None where a folder or an archive merely contained it and nobody can read it."""
    file = found.file
    shown = Path(file.shown)
    if file.error:
        return IngestedFile(shown, error=file.error)
    under_way = early if early and early.recognised and early.path == file.path else None
    try:
        joint = join_capture(store, file.path, file.shown, under_way.seam if under_way else None)
        before, after = found.before.path if found.before else None, tuple(later.path for later in found.after)
        recognised = (under_way and under_way.recognised) or recognise(
            file.path, options, before=before, after=after, log=found.log, seam=joint.seam
        )
        if recognised.kind == "log":
            joint = join_log(store, found, recognised.format, options.formats)
    except UnreadableFileError as error:
        return IngestedFile(shown, error=error) if file.named else None
    outcome = IngestedFile(shown, recognised.format)
    try:
        _ingest(store, recognised, outcome, _Place(file.shown, label, joint, instead_of), progress, under_way.digest if under_way else None)
        if outcome.known and recognised.kind == "capture" and options.wireshark:
            outcome.warnings += _other_engine(store, outcome.source_id)
    except SiplensError as error:
        outcome.error = error
    return outcome


@dataclass(frozen=True, slots=True)
class _Place:
    """What is known of a file besides what is in it."""

    shown: str
    label: str | None
    joint: Joint | None = None
    instead_of: int | None = None
    """Source of the same bytes, whose rows it takes the place of."""


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
        _write(store, recognised, outcome, lambda: taken, _Place(STDIN, label))
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
    store: Store,
    recognised: Recognised,
    outcome: IngestedFile,
    place: _Place,
    progress: Progress | None,
    digest: Future[Fingerprint] | None,
) -> None:
    path, size = recognised.path, recognised.size
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256") as hasher:
        digest = digest or hasher.submit(fingerprint, path, smaller_sizes(store, size), size)
        if _may_be_known(store, size) and _is_known(store, digest.result(), outcome, place):
            return
        _write(store, recognised, outcome, digest.result, place, progress)


def _write(
    store: Store,
    recognised: Recognised,
    outcome: IngestedFile,
    digest: Callable[[], Fingerprint],
    place: _Place,
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
            if _is_known(store, found, outcome, place):
                raise _AlreadyKnownError
            if row is None:
                raise AssertionError(f"the reader of {recognised.format} ended without a source row")
            grown = earlier_parts(store, found)
            for earlier in [*grown, *filter(None, [place.instead_of])]:
                drop_source(store, earlier)
            facts = SourceFacts(place.shown, recognised.kind, found.size, place.label)
            write_source(store, written.source_id, row, facts, found.sha256)
            if place.joint:
                write_end(store, written, place.joint)
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


def _is_known(store: Store, found: Fingerprint, outcome: IngestedFile, place: _Place) -> bool:
    source_id = find_source(store, found.sha256)
    if source_id is not None and source_id == place.instead_of:
        return False
    outcome.known = source_id is not None
    outcome.source_id = source_id
    return outcome.known
