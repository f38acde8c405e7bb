"""Which reader a file wants, told by its first bytes and never by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from siplens import capture, logs
from siplens.errors import UnreadableFileError
from siplens.logs import qoe_csv
from siplens.records import Batch
from siplens.settings import find_settings

if TYPE_CHECKING:
    from siplens.capture.seam import Seam

HEAD_BYTES = 65536
LOG_HEAD_BYTES = 1 << 20
"""A PBX writes much before its first SIP message: so far a text is looked at before it is refused."""
EXPECTED = "a capture (pcap, pcapng, snoop), a server trace, a log with SIP messages, or SIP messages as text"
FORMATS_VARIABLE = "SIPLENS_FORMATS"


def format_folders(*named: Path) -> tuple[Path, ...]:
    """Folders with the user's own log formats: those named, else $SIPLENS_FORMATS, else `formats` of [logs] in siplens.toml."""
    if named:
        return named
    if told := os.environ.get(FORMATS_VARIABLE):
        return tuple(Path(folder) for folder in told.split(os.pathsep) if folder)
    settings = find_settings()
    table = settings.table("logs")
    return tuple(settings.folder / folder for folder in table.texts("formats", []))


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about files that cannot say it themselves."""

    zone: tzinfo | None = None
    """Time zone of logs that do not name one; None: UTC, and a warning where the format writes local time."""
    date_order: str | None = None
    """Order of day and month in logs that leave it open: mdy, dmy or ymd; None: as the format's makers write it."""
    formats: tuple[Path, ...] = field(default_factory=format_folders)
    """Folders with the user's own log formats."""
    engine: str = "auto"
    """What reads captures: native, wireshark, or auto: native, unless there is a key log."""
    keylog: Path | None = None
    """TLS key log for captures. Only tshark reads it; nothing of it is kept."""

    @property
    def wireshark(self) -> bool:
        """Whether captures are read by the Wireshark engine."""
        return self.engine == "wireshark" or (self.engine == "auto" and self.keylog is not None)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file and the reader that takes it."""

    path: Path
    kind: str
    format: str
    size: int
    """Bytes when it was looked at. A capture is read so far, even if it goes on growing, and its hash goes so far."""
    read: Callable[[Callable[[int], None] | None], Iterator[Batch]]


def recognise(
    path: Path,
    options: ReadOptions,
    *,
    before: Path | None = None,
    after: tuple[Path, ...] = (),
    log: str | None = None,
    seam: Seam | None = None,
    size: int | None = None,
) -> Recognised:
    """Finds the reader for `path`. Raises UnreadableFileError: missing, empty, unreadable, or none of the known formats.

    before, after: files of the same rolled log, written just before and after this one. log: the rolled log's format.
    seam: where a capture is joined to others of its ring. size: how much of the file is read; its size now, if not said.
    """
    head = _head(path)
    if not head:
        raise UnreadableFileError(f"{path}: the file is empty; {EXPECTED} was expected")
    size = path.stat().st_size if size is None else size
    if name := capture.recognise(head):
        if options.wireshark:
            return Recognised(
                path, "capture", name, size, lambda progress: capture.read_with_wireshark(path, keylog=options.keylog, progress=progress)
            )
        return Recognised(
            path,
            "capture",
            name,
            size,
            lambda progress: capture.read_capture(path, progress=progress, ask_tshark=options.engine != "native", size=size, seam=seam),
        )
    if qoe_csv.recognise(head):
        return Recognised(path, "log", qoe_csv.NAME, size, lambda progress: qoe_csv.read(path, progress))
    if name := log or log_format(path, options):
        if options.engine == "wireshark":
            return Recognised(path, "log", name, size, lambda progress: _refuse_log(path))
        return Recognised(
            path,
            "log",
            name,
            size,
            lambda progress: logs.read_log(
                path,
                name,
                zone=options.zone,
                date_order=options.date_order,
                folders=options.formats,
                before=before,
                after=after,
                size=size,
                progress=progress,
            ),
        )
    if why := capture.cut_short(head):
        raise UnreadableFileError(f"{path}: {why}, and nothing can be read before that", hint="was it copied, or written, to its end?")
    raise UnreadableFileError(
        f"{path}: not a file that siplens can read; {EXPECTED} was expected",
        hint="configuration goes to 'siplens config import'; 'siplens doctor' lists the formats",
    )


def log_format(path: Path, options: ReadOptions) -> str | None:
    """Name of the log format that the file has, told by its text, in a compressed file by what it unfolds to; None for any other file."""
    for size in (HEAD_BYTES, LOG_HEAD_BYTES):
        head = logs.first_bytes(path, size)
        if name := logs.recognise(head, options.formats):
            return name
        if len(head) < size or not logs.is_text(head):
            break
    return None


def _refuse_log(path: Path) -> NoReturn:
    raise UnreadableFileError(f"{path}: is a log, and Wireshark reads captures only", hint="leave --engine out: each file gets its reader")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(capture.HEAD_BYTES)
    except FileNotFoundError:
        raise UnreadableFileError(f"{path}: there is no such file or folder") from None
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror}") from error
