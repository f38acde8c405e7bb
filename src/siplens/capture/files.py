"""Capture files as a flow of byte blocks: plain, gzip or Zstandard, never more than two blocks in memory.

A plain file is looked at where the system keeps it, if it can be held (`siplens.held`). What comes once, is compressed or may change is
read ahead by a second thread. A compression is one row of `_COMPRESSIONS`. `Blocks` knows nothing of packets.
"""

from __future__ import annotations

import io
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, cast

import numpy as np

from siplens.capture.kernel_layout import Array
from siplens.errors import UnreadableFileError
from siplens.held import Held

HEAD = 1 << 20
"""Room before each block for the bytes of the block before that still wait: at most one record."""
BLOCK_SIZE = 1 << 22
"""Large enough that two threads seldom wait for one another, small enough to stay in a processor's cache."""

HEAD_BYTES = 1 << 18
"""Bytes of a file that tell what it is: Zstandard gives nothing before the end of a block, which may be 128 KB long (RFC 8878 3.1.1.2)."""
EXPECTED = "expected a packet capture (pcap, pcapng or snoop, perhaps compressed by gzip or zstd)"


class Digest(Protocol):
    """What hashes the bytes of a file as they are read: hashlib's objects."""

    def update(self, data: memoryview, /) -> None:
        """Take more bytes."""
        ...


class _Unpacker(Protocol):
    """What unpacks one member of a compressed file, a step at a time: zlib's and Zstandard's own objects."""

    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """At most max_length bytes more."""
        ...


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd


def _gzip_member() -> _Unpacker:
    return cast(_Unpacker, zlib.decompressobj(31))


def _zstd_frame() -> _Unpacker:
    zstd = _zstd()
    # The window is what a file may make us keep in memory: 128 MB, as the zstd command itself allows without being told.
    return cast(_Unpacker, zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 27}))


_COMPRESSIONS: tuple[tuple[bytes, Callable[[], _Unpacker]], ...] = (
    (b"\x1f\x8b", _gzip_member),
    (b"\x28\xb5\x2f\xfd", _zstd_frame),
    (b"\x50\x2a\x4d\x18", _zstd_frame),
)
"""First bytes of a compressed file, and what unpacks a member of it (RFC 1952, RFC 8878; pzstd begins with a frame to skip)."""


class _Unpacked:
    """Unpacks members one after another. Unlike the libraries' own files, it gives what comes before damage."""

    def __init__(self, file: BinaryIO, new_member: Callable[[], _Unpacker]) -> None:
        self._file = file
        self._new_member = new_member
        self._unpacker = new_member()
        self._damage = (zlib.error, _zstd().ZstdError)
        self._packed = b""
        self._within = False

    def readinto(self, room: memoryview) -> int:
        """Fill room as far as one step goes; 0 at the end. Raises EOFError where the file ends within a member, or is damaged."""
        while True:
            if self._unpacker.eof:
                self._packed, self._unpacker, self._within = self._unpacker.unused_data, self._new_member(), False
            # Zstandard keeps to itself what it was given and could not unpack yet, zlib gives it back.
            if not self._packed and getattr(self._unpacker, "needs_input", True):
                self._packed = self._file.read(1 << 18)
                if not self._packed:
                    if self._within:
                        raise EOFError("the compressed file ends too early")
                    return 0
            try:
                unpacked = self._unpacker.decompress(self._packed, len(room))
            except self._damage as error:
                raise EOFError(f"the compressed file is damaged: {error}") from error
            self._packed, self._within = getattr(self._unpacker, "unconsumed_tail", b""), True
            if unpacked:
                room[: len(unpacked)] = unpacked
                return len(unpacked)

    def head(self, size: int) -> bytes:
        """The first bytes, as many as can be had up to `size`."""
        room = bytearray(size)
        filled = 0
        with suppress(EOFError):
            while filled < size and (count := self.readinto(memoryview(room)[filled:])):
                filled += count
        return bytes(room[:filled])


class _Counted(io.RawIOBase):
    """A file whose bytes are counted, and hashed where that is asked for, as they are read."""

    def __init__(self, file: BinaryIO, digest: Digest | None, size: int | None) -> None:
        self.taken = 0
        self._size = size
        self._file = file
        self._digest = digest

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        """Fill room as far as one read goes; 0 at the end."""
        if self._size is not None:
            room = memoryview(room)[: self._size - self.taken]
        count = self._file.readinto(room) or 0  # type: ignore[attr-defined]  # BinaryIO lacks it
        self.taken += count
        if self._digest is not None:
            self._digest.update(memoryview(room)[:count])
        return count


def cut_short(head: bytes) -> str | None:
    """Why nothing at all comes out of the compressed file that begins with `head`; None where something does, or it is none."""
    for magic, new_member in _COMPRESSIONS:
        if head.startswith(magic):
            try:
                _Unpacked(io.BytesIO(head), new_member).readinto(memoryview(bytearray(16)))
            except EOFError as error:
                return str(error)
    return None


def unpacked_head(head: bytes, size: int = 4096) -> bytes:
    """First bytes of what a file holds: unpacked, at most `size`, where `head` begins a compressed file."""
    for magic, new_member in _COMPRESSIONS:
        if head.startswith(magic):
            return _Unpacked(io.BytesIO(head), new_member).head(size)
    return head


class Blocks:
    """A file's bytes in blocks; a context manager. `problem` says, after the last block, why it ended before the file's end.

    size: how many of the file's bytes are read; all, if it is not said. opened: the file's bytes, where it is open already, such
    as standard input; `path` is then only its name. digest: hashes the file as it lies there, compressed or not.
    """

    def __init__(self, path: Path, *, opened: BinaryIO | None = None, digest: Digest | None = None, size: int | None = None) -> None:
        self.path = path
        self._lent = opened is not None
        self.problem: str | None = None
        self.read_bytes = 0
        """Bytes taken from the file so far, as it lies on disk."""
        if opened is None and path.is_dir():
            raise UnreadableFileError(f"{path}: is a folder, {EXPECTED}")
        raw: BinaryIO | None = None
        try:
            self._raw = raw = cast(BinaryIO, path.open("rb", buffering=0)) if opened is None else opened
            self._counted = _Counted(self._raw, digest, size)
            self._file = self._open()
            self._held = Held(path) if opened is None and not isinstance(self._file, _Unpacked) else None
        except OSError as error:
            if raw and not self._lent:
                raw.close()
            raise UnreadableFileError(f"{path}: cannot be read: {error.strerror or error}, {EXPECTED}") from error
        held = self._held.size if self._held else 0
        self._size = held if size is None else min(size, held)
        self._reader: _ReadAhead | None = None

    def _open(self) -> Any:
        buffered = io.BufferedReader(self._counted, 1 << 18)
        head = buffered.peek(16)
        for magic, new_member in _COMPRESSIONS:
            if head.startswith(magic):
                return _Unpacked(cast(BinaryIO, buffered), new_member)
        return buffered

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._reader:
            self._reader.close()
        if self._held:
            self._held.close()
        if not self._lent:
            self._raw.close()

    def drain(self) -> None:
        """Read to the file's end what reading stopped before, so that its hash is that of the whole file."""
        if self._reader:
            self._reader.wait()
        while self._counted.read(1 << 20):
            pass

    def next(self, waiting: int) -> tuple[Array, int, int, int] | None:
        """(buffer, start, end, file offset of buffer[0]) with the last `waiting` bytes before the new block; None at the end.

        Offsets are those in the unpacked file. The buffer given before is used again.
        """
        if self._reader is None and self._held:
            if self.read_bytes >= self._size:
                return None
            begins = self.read_bytes - waiting
            if window := self._held.window(begins, self._size):
                data, first = window
                self.read_bytes = first + len(data)
                return np.frombuffer(data, np.uint8), begins - first, len(data), first
            self._raw.seek(begins)
            self._counted.taken, waiting = begins, 0
            self._file = self._counted
        if self._reader is None:
            self._reader = _ReadAhead(self._file, self._counted.taken if self._held else 0)
        block = self._reader.next(waiting)
        self.problem, self.read_bytes = self._reader.problem, self._counted.taken
        return block


class _ReadAhead:
    """Blocks of what can only be read from its beginning to its end, by a second thread. begins: offset of the first byte."""

    def __init__(self, file: Any, begins: int) -> None:
        self.problem: str | None = None
        self._file = file
        self._buffers = [np.empty(HEAD + BLOCK_SIZE, dtype=np.uint8) for _ in range(2)]
        self._turn = 0
        self._end = HEAD
        self._offset = begins - HEAD
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead")
        self._ahead: Future[int] = self._thread.submit(self._fill, 0)

    def _fill(self, turn: int) -> int:
        """Read the next block into a buffer; returns its bytes, 0 at the end."""
        room = self._buffers[turn][HEAD:].data
        filled = 0
        try:
            while filled < BLOCK_SIZE and (count := self._file.readinto(room[filled:])):
                filled += count
        except (OSError, EOFError) as error:
            self.problem = f"reading stopped: {error}"
        return filled

    def wait(self) -> None:
        """Until the block that is being read is there."""
        self._ahead.result()

    def close(self) -> None:
        """The end: nothing is read any more."""
        self._thread.shutdown(wait=True)

    def next(self, waiting: int) -> tuple[Array, int, int, int] | None:
        """As `Blocks.next`."""
        count = self._ahead.result()
        if count == 0:
            return None
        old, new = self._buffers[1 - self._turn], self._buffers[self._turn]
        start = HEAD - waiting
        if waiting:
            new[start:HEAD] = old[self._end - waiting : self._end]
        self._offset += self._end - HEAD
        self._end = HEAD + count
        self._turn = 1 - self._turn
        self._ahead = self._thread.submit(self._fill, self._turn)
        return new, start, self._end, self._offset
