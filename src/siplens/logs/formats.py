"""Which text formats there are: every grammar whose header says how a file of it begins. No list to keep elsewhere."""

from __future__ import annotations

import codecs
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from siplens.resources import shipped_folder

_HEADER_LINE = re.compile(r"//[ ]?(.*)")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Format:
    """A text format as the header of its grammar describes it."""

    name: str
    title: str
    begins: re.Pattern[str]
    """Found in the first bytes of such a file, read as latin-1."""
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    grammar: Path


@cache
def formats() -> tuple[Format, ...]:
    """All formats, in the order of their grammars' names."""
    found = (_format(path) for path in sorted(shipped_folder("grammars").glob("*.lark")))
    return tuple(format_ for format_ in found if format_)


def _format(path: Path) -> Format | None:
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        comment = _HEADER_LINE.fullmatch(line)
        if comment is None or not comment.group(1):
            break
        lines.append(comment.group(1))
    header = tomllib.loads("\n".join(lines))
    if "begins" not in header:
        return None
    parts = {key: tuple(header.get(key, ())) for key in ("verified", "unverified")}
    return Format(header["format"], header["title"], re.compile(header["begins"]), grammar=path, **parts)


def encoding_of(head: bytes) -> tuple[str, int]:
    """Encoding and size of the byte order mark; latin-1 stands for bytes taken one by one (UTF-8 without a mark included)."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return ("latin-1" if encoding == "utf-8" else encoding), len(mark)
    return "latin-1", 0


def recognise(head: bytes) -> str | None:
    """Name of the text format that a file with these first bytes has; None for none that is known."""
    encoding, mark = encoding_of(head)
    text = head[mark:].decode(encoding, "ignore")
    return next((format_.name for format_ in formats() if format_.begins.search(text)), None)
