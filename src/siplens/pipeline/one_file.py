"""One file into the store: once, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from siplens.errors import SiplensError
from siplens.pipeline.ahead import read_ahead
from siplens.pipeline.growth import Fingerprint, earlier_parts, fingerprint, smaller_sizes
from siplens.pipeline.joined import Joint, write_end
from siplens.pipeline.recognise import Recognised
from siplens.store import Store
from siplens.store.writer import SourceFacts, Written, drop_source, find_source, new_source_id, transaction, write_batches, write_source

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


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a file besides what is in it."""

    shown: str
    label: str | None
    joint: Joint | None = None
    instead_of: int | None = None
    """Source of the same bytes, whose rows it takes the place of."""


def ingest_file(
    store: Store,
    recognised: Recognised,
    outcome: IngestedFile,
    place: Place,
    progress: Progress | None,
    digest: Future[Fingerprint] | None,
) -> None:
    """Reads a file into the store unless it is known, and says in `outcome` what became of it. digest: its hash, if that was begun with."""
    path, size = recognised.path, recognised.size
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="sha256") as hasher:
        digest = digest or hasher.submit(fingerprint, path, smaller_sizes(store, size), size)
        looked = _may_be_known(store, size)
        if looked and _is_known(store, digest.result(), outcome, place):
            return
        write_file(store, recognised, outcome, digest.result, place, progress, is_new=looked)


def write_file(
    store: Store,
    recognised: Recognised,
    outcome: IngestedFile,
    digest: Callable[[], Fingerprint],
    place: Place,
    progress: Progress | None = None,
    *,
    is_new: bool = False,
) -> None:
    """Reads a file into the store in one transaction, unless it turns out to be known; digest tells, once it was read.

    is_new: it is certain already that it is not known.
    """
    try:
        with transaction(store):
            written = Written(new_source_id(store))
            batches = recognised.read((lambda done: progress(recognised.path, done)) if progress else None)
            if recognised.kind == "log":  # a capture reads ahead by itself
                batches = read_ahead(batches)
            row = write_batches(store, written.source_id, batches, written)
            found = digest()
            if not is_new and _is_known(store, found, outcome, place):
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
    if written.rows.get("capture_health"):
        found_so = "select detail from capture_health where source_id = ?"
        outcome.warnings = [row[0] for row in store.query(found_so, [written.source_id]).rows]
    if grown:
        outcome.warnings.append("it has grown since it was read before: the whole of it takes the place of what was read then")


class _AlreadyKnownError(Exception):
    """Takes back a file whose hash, ready only after reading, turned out to be known."""


def _may_be_known(store: Store, size: int) -> bool:
    return size <= HASH_FIRST_BYTES or bool(store.value("select count(*) from source where size_bytes = ?", [size]))


def _is_known(store: Store, found: Fingerprint, outcome: IngestedFile, place: Place) -> bool:
    source_id = find_source(store, found.sha256)
    if source_id is not None and source_id == place.instead_of:
        return False
    outcome.known = source_id is not None
    outcome.source_id = source_id
    return outcome.known
