"""Captures and logs into the database, with progress on a terminal and one summary line per file: what `siplens ingest` does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.cli.choices import Format

if TYPE_CHECKING:
    from siplens.pipeline.in_advance import InAdvance
    from siplens.pipeline.one_file import IngestedFile
    from siplens.pipeline.recognise import ReadOptions
    from siplens.store import Store

LISTED = ("file", "format", "messages", "rtp_streams", "log_events", "outcome")


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are to be read, as the user said; see `siplens ingest --help`."""

    zone: tzinfo | None = None
    date_order: str | None = None
    formats: Path | None = None
    engine: str = "auto"
    keylog: Path | None = None


def ingest_files(paths: list[str], db: Path, label: str | None, form: Format, reading: Reading) -> bool:
    """Ingests and says what became of each file; False where one could not be read. Raises SiplensError where nothing was found."""
    from siplens.errors import UnreadableFileError
    from siplens.pipeline.head_start import head_start

    early = head_start(paths, db)
    from siplens.pipeline.recognise import ReadOptions, format_folders

    options = ReadOptions(
        zone=reading.zone,
        date_order=reading.date_order,
        formats=format_folders(reading.formats) if reading.formats else format_folders(),
        engine=reading.engine,
        keylog=reading.keylog,
    )
    if early and len(paths) == 1 and not options.wireshark:
        with suppress(UnreadableFileError):  # said below, with whatever else is wrong
            early.decode_first(options)
    from siplens.cli import console
    from siplens.cli.rows import emit
    from siplens.pipeline.blank import open_writable
    from siplens.pipeline.derive import ensure_derived, prepared_ahead

    existed = db.exists()
    done: list[IngestedFile] = []
    with open_writable(db) as store, prepared_ahead(store) as prepared:
        for outcome in _with_progress(store, paths, options, label, early):
            _report_trouble(outcome)
            done.append(outcome)
        kept = any(outcome.source_id is not None for outcome in done)
        if kept:
            ensure_derived(store, _first_step("putting the calls together …"), prepared)
    if not existed and not kept:
        db.unlink(missing_ok=True)  # nothing was ingested: leave no empty database behind
    if not any(outcome.error or outcome.source_id is not None for outcome in done):
        raise UnreadableFileError(f"{' '.join(paths)}: no capture and no log was found there", hint="'siplens doctor' lists the formats")
    if kept or form is not Format.table:
        emit([_row(outcome) for outcome in done], LISTED, form)
    failed = any(outcome.error for outcome in done)
    if not failed and console.on_terminal(sys.stderr):
        console.say("'siplens calls' lists the calls; 'siplens check' judges them.", "dim")
    return not failed


def _with_progress(
    store: Store, paths: list[str], options: ReadOptions, label: str | None, early: InAdvance | None
) -> Iterator[IngestedFile]:
    """Ingests with a bar per file on a terminal; without one, in silence."""
    from siplens.capture import kernel_is_compiled
    from siplens.cli import console
    from siplens.pipeline.ingest import ingest_paths
    from siplens.pipeline.stream import ingest_stream

    piped, paths = "-" in paths, [path for path in paths if path != "-"]
    if not kernel_is_compiled() and (piped or _reads_a_capture(paths, options)):
        console.say("compiling the packet kernel (first run only) …")
    if piped:
        yield from ingest_stream(store, sys.stdin.buffer, options, label=label)
    if not console.on_terminal(sys.stderr):
        yield from ingest_paths(store, paths, options, label=label, early=early)
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    from siplens.report.text import shortened, visible

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console.talk(), transient=True) as bars:
        tasks: dict[Path, TaskID] = {}

        def advance(path: Path, read: int) -> None:
            if path not in tasks:
                tasks[path] = bars.add_task(shortened(visible(path.name), 40), total=path.stat().st_size)
            bars.update(tasks[path], completed=read)

        for outcome in ingest_paths(store, paths, options, label=label, progress=advance, early=early):
            if outcome.path in tasks:
                bars.remove_task(tasks.pop(outcome.path))
            yield outcome


def _reads_a_capture(paths: list[str], options: ReadOptions) -> bool:
    """Whether a capture is among the files, so that the packet kernel will be needed."""
    from siplens.errors import UnreadableFileError
    from siplens.pipeline.found_files import find_files
    from siplens.pipeline.recognise import recognise

    with suppress(UnreadableFileError):
        for path, _ in find_files(paths):
            with suppress(UnreadableFileError):
                if recognise(path, options).kind == "capture":
                    return True
    return False


def _report_trouble(outcome: IngestedFile) -> None:
    from siplens.cli import console

    if outcome.error:
        console.complain(outcome.error.message, outcome.error.hint)
    for warning in outcome.warnings:
        console.say(f"warning: {outcome.path.name}: {warning}", "yellow")


def _row(outcome: IngestedFile) -> dict[str, object]:
    if outcome.error:
        words = "not ingested"
    elif outcome.known:
        words = "already ingested"
    elif outcome.source_id is None:
        words = "passed over"
    else:
        skipped = outcome.rows.get("log_reject", 0)
        words = "ingested" + (f", {skipped} records could not be read" if skipped else "")
        words += f", {len(outcome.warnings)} warning{'s' if len(outcome.warnings) != 1 else ''}" if outcome.warnings else ""
    counted = outcome.source_id is not None and not outcome.error and not outcome.known
    return {
        "file": str(outcome.path),
        "format": outcome.format,
        "messages": outcome.rows.get("message", 0) if counted else None,
        "rtp_streams": outcome.rows.get("media_flow", 0) if counted else None,
        "log_events": outcome.rows.get("log_event", 0) if counted else None,
        "outcome": words,
    }


def _first_step(text: str) -> Callable[[str], None]:
    from siplens.cli.database import announcer

    return announcer(text)
