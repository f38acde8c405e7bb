"""A log in pieces: blocks of bytes, cut into records at the lines where one begins. Memory stays flat, whatever the file holds.

Text is bytes read as latin-1: one character a byte, so that positions are offsets and every byte survives. UTF-16 becomes UTF-8 first.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from siplens.logs.formats import encoding_of

BLOCK = 1 << 22
LONGEST = 1 << 22
"""Characters of the longest record. What goes on longer without the next one beginning is given up."""
_LONGEST_LINE = 1 << 16


class Record(NamedTuple):
    """A piece of a log, from one beginning to the next."""

    text: str
    """Bytes as latin-1."""
    head: re.Match[str] | None
    """How its beginning matched; None for text before the first beginning."""
    line: int
    """Line in the file where it begins, from 1."""
    offset: int | None
    """Offset in the file, in bytes; None in UTF-16."""
    is_cut: bool
    """True where the record was longer than LONGEST and its rest is missing."""


def records(path: Path, begins: re.Pattern[str], progress: Callable[[int], None] | None) -> Iterator[Record]:
    """The file's records; `begins` matches where each begins."""
    with path.open("rb") as file:
        encoding, mark = encoding_of(file.read(4))
    held, line, given_up = "", 1, False
    offset = mark if encoding == "latin-1" else None

    for text, is_last in _blocks(path, encoding, mark, progress):
        held += text
        heads: list[re.Match[str] | None] = [*begins.finditer(held)]
        starts = [head.start() for head in heads if head]
        if not starts or starts[0] > 0:  # what stands before the first beginning
            starts.insert(0, 0)
            heads.insert(0, None)
        ends = starts[1:] + ([len(held)] if is_last else [])
        done = 0
        for begin, end, head in zip(starts, ends, heads, strict=False):
            if head or not given_up:
                yield Record(held[begin:end], head, line, offset, False)
            line += held.count("\n", begin, end)
            offset = None if offset is None else offset + end - begin
            done, given_up = end, False
        if given_up or len(held) - done > LONGEST:
            if not given_up:
                yield Record(held[done : done + LONGEST], heads[-1], line, offset, True)
            kept = max(held.rfind("\n", done) + 1, len(held) - _LONGEST_LINE, done)
            line += held.count("\n", done, kept)
            offset = None if offset is None else offset + kept - done
            done, given_up = kept, True
        held = held[done:]


def _blocks(path: Path, encoding: str, mark: int, progress: Callable[[int], None] | None) -> Iterator[tuple[str, bool]]:
    """The file block by block, and whether the block is the last."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    with path.open("rb") as file:
        file.seek(mark)
        read = mark
        block = file.read(BLOCK)
        while True:
            following = file.read(BLOCK)
            read += len(block)
            if progress:
                progress(read)
            text = decoder.decode(block, not following)
            yield (text if encoding == "latin-1" else text.encode("utf-8", "replace").decode("latin-1")), not following
            if not following:
                return
            block = following
