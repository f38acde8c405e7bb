"""Captures and logs into the store: each file once, whole or not at all."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from siplens.errors import SiplensError, UnreadableFileError
from siplens.pipeline.recognise import ReadOptions, Recognised, recognise
from siplens.pipeline.rolled import InOrder, in_order
from siplens.pipeline.unpack import unpacked
from siplens.store import Store
from siplens.store.writer import (
    SourceFacts,
    Written,
    find_source,
    new_source_id,
    number_addresses,
    transaction,
    write_batches,
    write_source,
)

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
) -> Iterator[IngestedFile]:
    """Ingests files one by one, each in a transaction of its own, and says of each what became of it.

    A file that cannot be read carries its error and does not stop the others. Files that a folder or a zip archive merely
    contained and that are neither capture nor log are left out of the answer. The files of a rolled log go in as they were written.
    """
    options = options or ReadOptions()
    with unpacked(find_files(paths)) as files:
        for found in in_order(files, options):
            if outcome := _found(store, found, options, label, progress):
                yield outcome


def _found(store: Store, found: InOrder, options: ReadOptions, label: str | None, progress: Progress | None) -> IngestedFile | None:
    """What became of one file; None where a folder or an archive merely contained it and nobody can read it."""
    file = found.file
    shown = Path(file.shown)
    if file.error:
        return IngestedFile(shown, error=file.error)
    before, after = (neighbour.path if neighbour else None for neighbour in (found.before, found.after))
    try:
        recognised = recognise(file.path, options, before=before, after=after)
    except UnreadableFileError as error:
        return IngestedFile(shown, error=error) if file.named else None
    try:
        outcome = _ingest(store, recognised, label, progress, file.shown)
        if outcome.known and recognised.kind == "capture" and options.wireshark:
            outcome.warnings += _other_engine(store, outcome.source_id)
    except SiplensError as error:
        return IngestedFile(shown, recognised.format, error=error)
    outcome.path = shown
    return outcome


def _other_engine(store: Store, source_id: int | None) -> list[str]:
    """What to say where a capture was asked of Wireshark that another engine had read before."""
    if store.value("select engine from source where source_id = ?", [source_id]) == "wireshark":
        return []
    return ["it was read without Wireshark before, and each file is read once; give another database with --db to read it anew"]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror}") from error


def _ingest(store: Store, recognised: Recognised, label: str | None, progress: Progress | None, shown: str) -> IngestedFile:
    path = recognised.path
    size = path.stat().st_size
    outcome = IngestedFile(path, recognised.format)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256") as hasher:
        digest = hasher.submit(file_sha256, path)
        if _may_be_known(store, size) and _is_known(store, digest, outcome):
            return outcome
        try:
            with transaction(store):
                written = Written(new_source_id(store))
                batches = recognised.read((lambda done: progress(path, done)) if progress else None)
                row = write_batches(store, written.source_id, batches, written)
                if _is_known(store, digest, outcome):
                    raise _AlreadyKnownError
                if row is None:
                    raise AssertionError(f"the reader of {recognised.format} ended without a source row")
                write_source(store, written.source_id, row, SourceFacts(shown, recognised.kind, size, label), digest.result())
                number_addresses(store)
        except _AlreadyKnownError:
            return outcome
    outcome.source_id = written.source_id
    outcome.rows = written.rows
    outcome.warnings = [row[0] for row in store.query("select detail from capture_health where source_id = ?", [written.source_id]).rows]
    return outcome


class _AlreadyKnownError(Exception):
    """Takes back a file whose hash, ready only after reading, turned out to be known."""


def _may_be_known(store: Store, size: int) -> bool:
    return size <= HASH_FIRST_BYTES or bool(store.value("select count(*) from source where size_bytes = ?", [size]))


def _is_known(store: Store, digest: Future[str], outcome: IngestedFile) -> bool:
    source_id = find_source(store, digest.result())
    outcome.known = source_id is not None
    outcome.source_id = source_id
    return outcome.known
