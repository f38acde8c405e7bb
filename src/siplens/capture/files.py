"""Capture files as a flow of byte blocks: plain or gzip, read ahead by a second thread, never more than two blocks in memory.

A compression is one row of `_OPENERS`. `Blocks` knows nothing of packets.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

import numpy as np

from siplens.capture.kernel_layout import Array
from siplens.errors import UnreadableFileError

HEAD = 1 << 20
"""Room before each block for the bytes of the block before that still wait: at most one record."""
BLOCK_SIZE = 1 << 22

EXPECTED = "expected a packet capture (pcap or pcapng, gzip-compressed or not)"


class _Gunzip:
    """Unpacks gzip members one after another. Unlike the standard library's, it gives what comes before damage (RFC 1952)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = zlib.decompressobj(31)
        self._packed = b""
        self._within = False

    def readinto(self, room: memoryview) -> int:
        """Fill room as far as one step goes; 0 at the end. Raises EOFError where the file ends within a member."""
        while True:
            if self._unpacker.eof:
                self._packed, self._unpacker, self._within = self._unpacker.unused_data, zlib.decompressobj(31), False
            self._packed = self._packed or self._file.read(1 << 18)
            if not self._packed:
                if self._within:
                    raise EOFError("the compressed file ends too early")
                return 0
            unpacked = self._unpacker.decompress(self._packed, len(room))
            self._packed, self._within = self._unpacker.unconsumed_tail, True
            if unpacked:
                room[: len(unpacked)] = unpacked
                return len(unpacked)

    def close(self) -> None:
        """Nothing to close: the file itself is closed by whoever opened it."""


_OPENERS: tuple[tuple[bytes, Callable[[BinaryIO], BinaryIO]], ...] = ((b"\x1f\x8b", lambda file: cast(BinaryIO, _Gunzip(file))),)
"""First bytes of a compressed file, and what unpacks it."""


def unpacked_head(head: bytes) -> bytes:
    """First bytes of what a file holds: unpacked, where `head` begins a gzip file."""
    if not head.startswith(b"\x1f\x8b"):
        return head
    try:
        return zlib.decompressobj(31).decompress(head, 4096)
    except zlib.error:
        return b""


class Blocks:
    """A file's bytes in blocks; a context manager. `problem` says, after the last block, why it ended before the file's end."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problem: str | None = None
        self.read_bytes = 0
        """Bytes taken from the file so far, as it lies on disk."""
        if path.is_dir():
            raise UnreadableFileError(f"{path}: is a folder, {EXPECTED}")
        try:
            self._raw = path.open("rb", buffering=0)
            self._file = self._open()
        except OSError as error:
            raise UnreadableFileError(f"{path}: cannot be read: {error.strerror or error}, {EXPECTED}") from error
        self._buffers = [np.empty(HEAD + BLOCK_SIZE, dtype=np.uint8) for _ in range(2)]
        self._turn = 0
        self._end = HEAD
        self._offset = -HEAD
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
        self._ahead: Future[int] = self._reader.submit(self._fill, 0)

    def _open(self) -> BinaryIO:
        raw = cast(BinaryIO, self._raw)
        head = raw.read(16)
        raw.seek(0)
        for magic, opener in _OPENERS:
            if head.startswith(magic):
                return opener(raw)
        return raw

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._reader.shutdown(wait=True)
        if self._file is not self._raw:
            self._file.close()
        self._raw.close()

    def _fill(self, turn: int) -> int:
        """Read the next block into a buffer; returns its bytes, 0 at the end."""
        room = self._buffers[turn][HEAD:].data
        filled = 0
        try:
            while filled < BLOCK_SIZE and (count := self._file.readinto(room[filled:])):  # type: ignore[attr-defined]  # BinaryIO lacks it
                filled += count
        except (OSError, EOFError, zlib.error) as error:
            self.problem = f"reading stopped: {error}"
        return filled

    def next(self, waiting: int) -> tuple[Array, int, int, int] | None:
        """(buffer, start, end, file offset of buffer[0]) with the last `waiting` bytes before the new block; None at the end.

        Offsets are those in the unpacked file. The buffer given before is used again.
        """
        count = self._ahead.result()
        if count == 0:
            return None
        old, new = self._buffers[1 - self._turn], self._buffers[self._turn]
        start = HEAD - waiting
        if waiting:
            new[start:HEAD] = old[self._end - waiting : self._end]
        self._offset += self._end - HEAD
        self._end = HEAD + count
        self.read_bytes = self._raw.tell()
        self._turn = 1 - self._turn
        self._ahead = self._reader.submit(self._fill, self._turn)
        return new, start, self._end, self._offset
