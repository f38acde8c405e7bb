"""A log in pieces: blocks of bytes, cut into records at the lines where one begins. Memory stays flat, whatever the file holds.

Text is bytes read as latin-1: one character a byte, so that positions are offsets and every byte survives. UTF-16 becomes UTF-8 first.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from siplens.errors import UnreadableFileError
from siplens.logs.formats import encoding_of

BLOCK = 1 << 22
LONGEST = 1 << 22
"""Characters of the longest record. What goes on longer without the next one beginning is given up."""
_LONGEST_LINE = 1 << 16
_COMPRESSED = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\xfd7zXZ\x00", "lzma"))
_MOST_BLOWN_UP = 400
_ALWAYS_ALLOWED = 1 << 30
"""A compressed log may unfold to this many bytes, and beyond that to so many times its size: text shrinks fifty-fold at most."""


class Record(NamedTuple):
    """A piece of a log, from one beginning to the next."""

    text: str
    """Bytes as latin-1."""
    head: re.Match[str] | None
    """How its beginning matched; None for text before the first beginning."""
    line: int
    """Line in the file where it begins, from 1."""
    offset: int | None
    """Offset in the file, in bytes; None in UTF-16. In a compressed file, offset in what it unfolds to."""
    is_cut: bool
    """True where the record was longer than LONGEST and its rest is missing."""


def compression(head: bytes) -> str | None:
    """gzip, bz2 or lzma by a file's first bytes, or None."""
    return next((name for mark, name in _COMPRESSED if head.startswith(mark)), None)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unfolded where it is compressed. Raises UnreadableFileError where it cannot be opened."""
    try:
        with path.open("rb") as file:
            kind = compression(file.read(6))
            file.seek(0)
            if kind is None:
                yield file
                return
            module = __import__(kind)
            with module.open(file, "rb") as unfolded:
                yield cast(BinaryIO, unfolded)
    except OSError as error:
        raise UnreadableFileError(f"{path}: cannot be read: {error.strerror or error}") from error


class Block(NamedTuple):
    """Some records that follow each other."""

    text: str
    heads: list[re.Match[str] | None]
    """How each record's beginning matched in `text`; None for text before the first beginning."""
    bounds: list[int]
    """Where each record begins in `text`, and where the last ends: one more than heads."""
    line: int
    """Line in the file where the first begins, from 1."""
    offset: int | None
    is_cut: bool = False
    """True where the one record here was longer than LONGEST and its rest is missing."""

    def without_what_was_before(self) -> Block:
        """The block without text before its first beginning."""
        if self.heads[:1] != [None]:
            return self
        line, offset = _further(self.text, self.bounds[0], self.bounds[1], self.line, self.offset)
        return self._replace(heads=self.heads[1:], bounds=self.bounds[1:], line=line, offset=offset)

    def records(self) -> Iterator[Record]:
        """The records one by one."""
        line, offset = self.line, self.offset
        for head, begin, end in zip(self.heads, self.bounds, self.bounds[1:], strict=False):
            yield Record(self.text[begin:end], head, line, offset, self.is_cut)
            line, offset = _further(self.text, begin, end, line, offset)


def records(path: Path, begins: re.Pattern[str]) -> Iterator[Record]:
    """The file's records; `begins` matches where each begins."""
    for block in blocks(path, begins, None):
        yield from block.records()


def blocks(
    path: Path,
    begins: re.Pattern[str],
    progress: Callable[[int], None] | None,
    *,
    cuts: re.Pattern[str] | None = None,
    rest: Callable[[], str] | None = None,
    size: int | None = None,
) -> Iterator[Block]:
    """The file's records by the block. rest: gives the text that follows the file's end in the next file of a rolled log.

    size: read so many bytes only, of a file that is not compressed: it may be growing.
    cuts: matches what `begins` matches, with the line feed before it: it begins with a fixed text, and is found many times faster.
    """
    with opened(path) as file:
        encoding, mark = encoding_of(file.read(4))
    held, line, given_up = "", 1, False
    offset = mark if encoding == "latin-1" else None

    for text, is_last in _pieces(path, encoding, mark, progress, size):
        held += text + (rest() if is_last and rest else "")
        heads: list[re.Match[str] | None]
        if cuts is None:
            heads = [*begins.finditer(held)]
            starts = [head.start() for head in heads if head]
        else:
            heads = [*cuts.finditer(held)]
            starts = [head.start() + 1 for head in heads if head]
            if at_once := begins.match(held):
                starts.insert(0, 0)
                heads.insert(0, at_once)
        if not starts or starts[0] > 0:  # what stands before the first beginning
            starts.insert(0, 0)
            heads.insert(0, None)
        bounds = [*starts, len(held)] if is_last else starts
        done = 0
        skipped = given_up and heads[0] is None  # the rest of a record that was given up
        if not skipped or len(bounds) > 1:
            first, given_up = int(skipped), False
            done = bounds[first]
            line, offset = _further(held, 0, done, line, offset)
            if len(bounds) > first + 1:
                yield Block(held, heads[first : len(bounds) - 1], bounds[first:], line, offset)
                line, offset = _further(held, done, bounds[-1], line, offset)
                done = bounds[-1]
        if given_up or len(held) - done > LONGEST:
            if not given_up:
                yield Block(held, [heads[-1]], [done, done + LONGEST], line, offset, is_cut=True)
            kept = max(held.rfind("\n", done) + 1, len(held) - _LONGEST_LINE, done)
            line, offset = _further(held, done, kept, line, offset)
            done, given_up = kept, True
        held = held[done:]


def _further(text: str, begin: int, end: int, line: int, offset: int | None) -> tuple[int, int | None]:
    """Line and offset of text[end], told those of text[begin]."""
    return line + text.count("\n", begin, end), None if offset is None else offset + end - begin


def last_text(path: Path, size: int) -> str:
    """The last `size` bytes of the file as text; of a compressed one, all of it must be unfolded."""
    with opened(path) as file:
        encoding, mark = encoding_of(file.read(4))
        if compression_of(path) is None:
            start = max(mark, path.stat().st_size - size)
            file.seek(start + (start - mark) % 2)  # a character of UTF-16 is two bytes
            end = _piece(file, path, size)
        else:
            file.seek(0)
            end = b""
            while piece := _piece(file, path):
                end = (end + piece)[-size - (size % 2) :]
    text = end.decode(encoding, "replace")
    return text if encoding == "latin-1" else text.encode("utf-8", "replace").decode("latin-1")


def compression_of(path: Path) -> str | None:
    """gzip, bz2 or lzma, or None, by the file's first bytes."""
    with path.open("rb") as file:
        return compression(file.read(6))


def text_before(paths: Sequence[Path], begins: re.Pattern[str]) -> str:
    """What stands in the files, read as one, before their first beginning, at most LONGEST characters."""
    held = ""
    for path in paths:
        with opened(path) as file:
            encoding, mark = encoding_of(file.read(4))
        for text, _ in _pieces(path, encoding, mark, None):
            held += text
            if first := begins.search(held):
                return held[: first.start()]
            if len(held) > LONGEST:
                return held[:LONGEST]
    return held


def _pieces(
    path: Path, encoding: str, mark: int, progress: Callable[[int], None] | None, size: int | None = None
) -> Iterator[tuple[str, bool]]:
    """The file block by block, and whether the block is the last."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    allowed = max(_ALWAYS_ALLOWED, _MOST_BLOWN_UP * path.stat().st_size)
    if compression_of(path):
        size = None
    with opened(path) as file:
        file.seek(mark)
        read = mark
        block = _piece(file, path, BLOCK if size is None else min(BLOCK, size - read))
        while True:
            left = BLOCK if size is None else max(min(BLOCK, size - read - len(block)), 0)
            following = _piece(file, path, left)
            read += len(block)
            if read > allowed:
                raise UnreadableFileError(f"{path}: unfolds to more than {allowed >> 20:,} MB; a log does not", hint="unpack it yourself")
            if progress:
                progress(read)
            text = decoder.decode(block, not following)
            yield (text if encoding == "latin-1" else text.encode("utf-8", "replace").decode("latin-1")), not following
            if not following:
                return
            block = following


def first_piece(path: Path, size: int) -> bytes:
    """The first bytes of what the file unfolds to. Raises UnreadableFileError where it cannot be read or is damaged."""
    with opened(path) as file:
        return _piece(file, path, size)


def _piece(file: BinaryIO, path: Path, most: int = BLOCK) -> bytes:
    """The next block. A compressed file that was cut ends where it was cut."""
    parts, size = [], 0
    try:
        while size < most and (part := cast(BufferedReader, file).read1(most - size)):
            parts.append(part)
            size += len(part)
    except EOFError:
        pass
    except Exception as error:
        if isinstance(error, OSError) or type(error).__name__ in ("LZMAError", "error"):
            raise UnreadableFileError(f"{path}: is damaged: {error}", hint="unpack as much of it as can be read") from error
        raise
    return b"".join(parts)
