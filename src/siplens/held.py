"""Files held still while they are read: their bytes are looked at where the system keeps them, and nothing is copied.

Copying costs as much as half of what is done with the bytes. But bytes that are mapped into a process and are then cut off,
because somebody writes the file anew, end that process without a word. So a file is mapped only under a lease (fcntl(2),
F_SETLEASE): nobody has it open for writing, and who wants to write waits until the lease is given back, some milliseconds.
Where there is no lease (a file that is still being written or belongs to somebody else, a file system or a platform without
leases) there is no window: the caller reads the file as any other.
"""

from __future__ import annotations

import mmap
import os
import signal
from contextlib import suppress
from pathlib import Path
from types import TracebackType

try:
    import fcntl

    _LEASES = hasattr(fcntl, "F_SETLEASE")
except ImportError:  # no Unix
    _LEASES = False

WINDOW = 1 << 24
"""Bytes mapped at once: few calls, and little of a file counts as this process's memory."""
_POPULATE_READ = 22
"""MADV_POPULATE_READ of Linux 5.14: bytes that cannot be had are an error here, and not the end of the process later."""


class Held:
    """A file open for reading, and held as long as nobody wants to write it. A context manager.

    window: bytes that a window has at most, WINDOW if it is not said.
    """

    def __init__(self, path: Path, window: int | None = None) -> None:
        self._window = window or WINDOW
        self._file = os.open(path, os.O_RDONLY)
        self.size = os.fstat(self._file).st_size
        self._held = False
        if _LEASES:
            with suppress(OSError):
                # The kernel tells of those who wait by a signal that nobody listens to; `window` asks.
                fcntl.fcntl(self._file, fcntl.F_SETSIG, signal.SIGURG)
                fcntl.fcntl(self._file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
                self._held = True

    def __enter__(self) -> Held:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """The end: the file may be written again. No window may be looked at any more."""
        os.close(self._file)

    def window(self, start: int, end: int | None = None) -> tuple[memoryview, int] | None:
        """(bytes, offset of the first) that hold the file from `start` on; None at the end, and where it is not held any more.

        end: where the file ends for the caller. Only the window given last may be looked at, and only while the file is open.
        """
        end = min(self.size if end is None else end, self.size, start + self._window)
        if start >= end:
            return None
        if not self._held or fcntl.fcntl(self._file, fcntl.F_GETLEASE) != fcntl.F_RDLCK:
            self._release()
            return None
        first = start // mmap.ALLOCATIONGRANULARITY * mmap.ALLOCATIONGRANULARITY
        try:
            window = mmap.mmap(self._file, end - first, mmap.MAP_SHARED, mmap.PROT_READ, offset=first)
            window.madvise(_POPULATE_READ)
            os.posix_fadvise(self._file, end, self._window, os.POSIX_FADV_WILLNEED)
        except (OSError, ValueError):
            self._release()
            return None
        return memoryview(window), first

    def _release(self) -> None:
        if self._held:
            self._held = False
            fcntl.fcntl(self._file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
