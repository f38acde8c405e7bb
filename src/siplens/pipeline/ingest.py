"""Captures and logs into the store: each file once, whole or not at all."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from siplens.errors import SiplensError, UnreadableFileError
from siplens.pipeline.foresight import fits
from siplens.pipeline.found_files import find_files
from siplens.pipeline.growth import file_sha256, smaller_sizes
from siplens.pipeline.in_advance import InAdvance
from siplens.pipeline.joined import Joint, join_capture, join_log
from siplens.pipeline.one_file import IngestedFile, Place, Progress, ingest_file
from siplens.pipeline.recognise import ReadOptions, Recognised, recognise
from siplens.pipeline.rolled import InOrder, in_order
from siplens.pipeline.under_way import UnderWay
from siplens.pipeline.unpack import FoundFile, unpacked
from siplens.store import Store
from siplens.store.writer import find_source

MEMORY_MB = 128
"""What the database may take of memory while files are read, however large they are."""
SAVE_EVERY_S = 2.0
"""What was ingested since goes with a process that is killed, whole files of course; at the end all is put on disk."""

_NAMED_A_CAPTURE = re.compile(r"\.(?:pcap|pcapng|cap|snoop)\d*(?:\.(?:gz|zst))?$", re.IGNORECASE)


def ingest_paths(
    store: Store,
    paths: Sequence[str],
    options: ReadOptions | None = None,
    *,
    label: str | None = None,
    progress: Progress | None = None,
    early: InAdvance | None = None,
) -> Iterator[IngestedFile]:
    """Ingests files one by one, each in a transaction of its own, and says of each what became of it.

    A file that cannot be read carries its error and does not stop the others. Files that a folder or a zip archive merely
    contained and that are neither capture nor log are left out of the answer, or passed over with a word where their name says
    capture. The files of a rolled log go in as they were written.
    early: the same files, begun with before the store was open.
    """
    with unpacked(find_files(paths)) as files:
        yield from ingest_found(store, files, options or ReadOptions(), label=label, progress=progress, early=early)


def ingest_found(
    store: Store,
    files: Iterable[FoundFile],
    options: ReadOptions,
    *,
    label: str | None = None,
    progress: Progress | None = None,
    early: InAdvance | None = None,
) -> Iterator[IngestedFile]:
    """As `ingest_paths`, of files that were found."""
    # Batches come from a thread of their own: two more that share out each one would hinder it, and cost more than they save.
    with store.memory_bound(MEMORY_MB), store.on_one_thread():
        saved = time.monotonic()
        ordered = in_order(files, options)
        with _in_advance(store, ordered, options, early) as advance:
            for outcome in _in_turn(store, ordered, options, label, progress, advance):
                if time.monotonic() - saved > SAVE_EVERY_S:
                    store.save()
                    saved = time.monotonic()
                yield outcome
    pa.default_memory_pool().release_unused()  # Arrow keeps what it freed, some 25 MB that the derivation can do with


@contextmanager
def _in_advance(store: Store, ordered: Sequence[InOrder], options: ReadOptions, early: InAdvance | None) -> Iterator[InAdvance | None]:
    """Several files are read in advance, and those that were begun with before; nothing is gained by it where there is one."""
    paths = [found.file.path for found in ordered if not found.file.error and found.file.path.is_file()]
    advance = early or (InAdvance(paths, smaller_sizes(store)) if len(paths) > 1 else None)
    try:
        if advance:
            advance.decode(store, ordered, options)
        yield advance
    finally:
        if advance:
            advance.close()


def _in_turn(
    store: Store, files: Sequence[InOrder], options: ReadOptions, label: str | None, progress: Progress | None, advance: InAdvance | None
) -> Iterator[IngestedFile]:
    """What became of each file, and of files read before whose neighbour it is: they are read again, now that it is there."""
    yield from read_again(store, options)
    for found in files:
        under_way = advance.take(found.file.path) if advance else None
        try:
            outcome = _found(store, found, options, label, progress, under_way)
        finally:
            if under_way:
                under_way.close()
        if outcome:
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
    under_way: UnderWay | None,
    *,
    instead_of: int | None = None,
) -> IngestedFile | None:
    """What became of one file; None where a folder or an archive merely contained it and nobody can read it."""
    file = found.file
    shown = Path(file.shown)
    if file.error:
        return IngestedFile(shown, error=file.error)
    try:
        joint = join_capture(store, file.path, file.shown)
        recognised = _recognised(found, options, joint, under_way)
        if recognised.kind == "log":
            joint = join_log(store, found, recognised.format, options.formats)
    except UnreadableFileError as error:
        return IngestedFile(shown, error=error) if file.named else _passed_over(shown, file, error)
    outcome = IngestedFile(shown, recognised.format)
    try:
        digest = under_way.digest if under_way else None
        ingest_file(store, recognised, outcome, Place(file.shown, label, joint, instead_of), progress, digest)
        if outcome.known and recognised.kind == "capture" and options.wireshark:
            outcome.warnings += _other_engine(store, outcome.source_id)
    except SiplensError as error:
        outcome.error = error
    return outcome


def _passed_over(shown: Path, file: FoundFile, error: UnreadableFileError) -> IngestedFile | None:
    """What to say of a file that nobody named: nothing, unless its own name says that it is a capture."""
    if not _NAMED_A_CAPTURE.search(shown.name):
        return None
    return IngestedFile(shown, warnings=[f"passed over: {error.message.removeprefix(f'{file.path}: ').partition(';')[0]}"])


def _recognised(found: InOrder, options: ReadOptions, joint: Joint, under_way: UnderWay | None) -> Recognised:
    """The reader of a file: that of the batches that wait, where it was decoded in advance as it has to be."""
    if under_way and under_way.recognised and fits(under_way, found, joint):
        joint.seam = under_way.seam
        return under_way.recognised
    before, after = found.before.path if found.before else None, tuple(later.path for later in found.after)
    size = under_way.size if under_way else None
    return recognise(found.file.path, options, before=before, after=after, log=found.log, seam=joint.seam, size=size)


def _other_engine(store: Store, source_id: int | None) -> list[str]:
    """What to say where a capture was asked of Wireshark that another engine had read before."""
    if store.value("select engine from source where source_id = ?", [source_id]) == "wireshark":
        return []
    return ["it was read without Wireshark before, and each file is read once; give another database with --db to read it anew"]
