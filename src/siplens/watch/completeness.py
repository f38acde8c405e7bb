"""Whether a file is complete, told from outside: nobody says so when a capture, a rolled log or a slow copy has ended.

A file is complete when it has looked the same (size and time of writing) for the settle time. The files of a ring or of a
rolled log are complete sooner: when a newer one of the same series is there and they have looked the same for a moment.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".temp", "~")
_STAMP = re.compile(r"\d{5,}|\d{4}-\d\d-\d\d(?:[T_.-]?\d\d[-:_]?\d\d(?:[-:_]?\d\d)?)?|\d{1,4}$")
"""What counts the files of a series: a long run of digits (dumpcap, dates), a date, or digits at the very end (tcpdump -C, rolled logs)."""


class FileState(NamedTuple):
    """A file as the folder lists it. The same state is taken for the same content."""

    path: Path
    size: int
    modified_ns: int
    inode: int
    """0 where the file system has none."""


def list_files(folders: Iterable[Path]) -> Iterator[FileState]:
    """All files below the folders, without hidden ones, empty ones and those whose name says that they are being copied."""
    for folder in folders:
        for root, below, names in os.walk(folder):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in names:
                if name.startswith(".") or name.lower().endswith(_UNFINISHED):
                    continue
                try:
                    state = (path := Path(root, name)).stat()
                except OSError:
                    continue  # deleted since it was listed: rings delete their oldest file
                if state.st_size:
                    yield FileState(path, state.st_size, state.st_mtime_ns, state.st_ino)


def series(path: Path) -> str | None:
    """What the files of one ring, or of one rolled log, have in common: folder and name without its counters; None outside of one.

    dumpcap: trunk_00003_20260302100000.pcapng. tcpdump -C: trunk.pcap, trunk.pcap1; -W: trunk.pcap07; -G: trunk-20260302-1000.pcap.
    """
    bare = _STAMP.sub("#", path.name)
    return str(path.with_name(re.sub(r"[._-]?#$", "", bare))) if bare != path.name else None


class Completeness:
    """Remembers since when each file has looked as it does now."""

    def __init__(self, settle_s: float, quiet_s: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        """settle_s: how long a file must look the same; quiet_s: how long where a newer one of its series is there. In seconds."""
        self.settle_s = settle_s
        self.quiet_s = min(quiet_s, settle_s)
        self._clock = clock
        self._since: dict[Path, tuple[FileState, float]] = {}

    def complete(self, listed: Sequence[FileState]) -> list[FileState]:
        """Those of the listed files that are complete, oldest first. Call it again and again with all files there are."""
        now = self._clock()
        before = self._since
        self._since = {state.path: known if (known := before.get(state.path)) and known[0] == state else (state, now) for state in listed}
        newest = _newest_of_series(listed)
        found = [state for state in listed if now - self._since[state.path][1] >= self._wait(state, newest) and state.path in before]
        return sorted(found, key=lambda state: (state.modified_ns, state.path))

    def _wait(self, state: FileState, newest: dict[str, int]) -> float:
        overtaken = newest.get(series(state.path) or str(state.path), 0) > state.modified_ns
        return self.quiet_s if overtaken else self.settle_s


def _newest_of_series(listed: Sequence[FileState]) -> dict[str, int]:
    """When the newest file of each series was written. The file that a ring or a log began with bears the bare name."""
    newest: dict[str, int] = {}
    for state in listed:
        if key := series(state.path):
            newest[key] = max(newest.get(key, 0), state.modified_ns)
    for state in listed:
        if str(state.path) in newest:
            newest[str(state.path)] = max(newest[str(state.path)], state.modified_ns)
    return newest
