"""Which reader a file wants, told by its first bytes and never by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import NoReturn

from siplens import capture, logs
from siplens.errors import UnreadableFileError
from siplens.records import Batch

HEAD_BYTES = 65536
EXPECTED = "a capture (pcap, pcapng), a Lync or Skype for Business server trace, or SIP messages as text"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about files that cannot say it themselves."""

    zone: tzinfo = UTC
    """Time zone of logs that do not name one."""
    date_order: str = "mdy"
    """Order of day and month in logs that leave it open: mdy or dmy."""
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
    read: Callable[[Callable[[int], None] | None], Iterator[Batch]]


def recognise(path: Path, options: ReadOptions) -> Recognised:
    """Finds the reader for `path`. Raises UnreadableFileError: missing, empty, unreadable, or none of the known formats."""
    head = _head(path)
    if not head:
        raise UnreadableFileError(f"{path}: the file is empty; {EXPECTED} was expected")
    if name := capture.recognise(head):
        if options.wireshark:
            return Recognised(
                path, "capture", name, lambda progress: capture.read_with_wireshark(path, keylog=options.keylog, progress=progress)
            )
        return Recognised(path, "capture", name, lambda progress: capture.read_capture(path, progress=progress))
    if name := logs.recognise(head):
        if options.engine == "wireshark":
            return Recognised(path, "log", name, lambda progress: _refuse_log(path))
        return Recognised(
            path,
            "log",
            name,
            lambda progress: logs.read_log(path, name, zone=options.zone, date_order=options.date_order, progress=progress),
        )
    raise UnreadableFileError(
        f"{path}: not a file that siplens can read; {EXPECTED} was expected",
        hint="configuration goes to 'siplens config import'; 'siplens doctor' lists the formats",
    )


def _refuse_log(path: Path) -> NoReturn:
    raise UnreadableFileError(f"{path}: is a log, and Wireshark reads captures only", hint="leave --engine out: each file gets its reader")


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except FileNotFoundError:
        raise UnreadableFileError(f"{path}: there is no such file or folder") from None
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror}") from error
