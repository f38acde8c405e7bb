"""Files that were read while they were still being written: the grown file takes the place of what was read of it.

A source is known by the hash of its bytes. A capture that goes on growing is another file each time it is read, and its
first packets would be there twice. So while a file is hashed, the hash of each of its beginnings that is as long as a smaller
source is taken too: where one is that source's, the source is the same file, earlier. It is dropped in the transaction that
writes the whole; nothing is compared by name, so that a file may be moved while it grows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from siplens.errors import UnreadableFileError
from siplens.held import Held

if TYPE_CHECKING:
    from siplens.store import Store

_PIECE, _WINDOW = 1 << 23, 1 << 26
"""Large: between two pieces the thread waits for whatever other thread runs Python."""


@dataclass(slots=True)
class Fingerprint:
    """Hash of a file taken piece by piece, and of its beginnings of given lengths."""

    lengths: Sequence[int] = ()
    """Rising."""
    size: int = 0
    """Bytes so far."""
    beginnings: dict[str, int] = field(default_factory=dict)
    """Hash of each beginning, and its length."""
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    _next: int = 0

    def update(self, data: memoryview) -> None:
        """Take more bytes."""
        while self._next < len(self.lengths) and self.lengths[self._next] <= self.size + len(data):
            cut = self.lengths[self._next] - self.size
            self._hash.update(data[:cut])
            self.beginnings[self._hash.hexdigest()] = self.size = self.lengths[self._next]
            data = data[cut:]
            self._next += 1
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        """Hash of all bytes so far, lower-case hexadecimal."""
        return self._hash.hexdigest()


def fingerprint(path: Path, lengths: Sequence[int] = (), size: int | None = None) -> Fingerprint:
    """Hash of a file, of its first `size` bytes if that is said, and of its beginnings. Raises UnreadableFileError."""
    found = Fingerprint(lengths)
    try:
        with Held(path, _WINDOW) as held:
            while (size is None or found.size < size) and (window := held.window(found.size, size)):
                data, first = window
                found.update(data[found.size - first :])
                data.release()
        if found.size != size:
            _read_on(path, found, size)
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror}") from error
    return found


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, lower-case hexadecimal. Raises UnreadableFileError."""
    return fingerprint(path).sha256


def _read_on(path: Path, found: Fingerprint, size: int | None) -> None:
    """Take what comes after the bytes that were taken, read as any file is."""
    room = memoryview(bytearray(_PIECE))
    with path.open("rb", buffering=0) as file:
        file.seek(found.size)
        while count := file.readinto(room[: _PIECE if size is None else min(_PIECE, size - found.size)]):
            found.update(room[:count])


def smaller_sizes(store: Store, size: int | None = None) -> list[int]:
    """Sizes of the sources that may be beginnings of a file of `size` bytes, None: of any; rising."""
    rows = store.query("select distinct size_bytes from source where kind in ('capture', 'log') and size_bytes > 0 order by 1").rows
    return [row[0] for row in rows if size is None or row[0] < size]


def earlier_parts(store: Store, found: Fingerprint) -> list[int]:
    """source_id of the sources that are beginnings of the file. One without packets is the beginning of too many others to be any."""
    beginnings = [sha256 for sha256, length in found.beginnings.items() if length < found.size]
    if not beginnings:
        return []
    return [
        row[0]
        for row in store.query("select source_id from source where list_contains(?, sha256) and packets > 0 order by 1", [beginnings]).rows
    ]
