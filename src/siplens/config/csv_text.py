"""What Export-Csv writes, and subnet lists as Microsoft's bulk import takes them, into the tree of `nodes`, with lines.

A `#TYPE` line may come first (Windows PowerShell); the delimiter is a comma, a semicolon or a tab. Export-Csv writes a list as the name of
its type: what was in it is lost, so the property counts as not given.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from siplens.config.nodes import Entry, Items, Object, Scalar, add_entry
from siplens.errors import ConfigurationError

_TYPE_NAME = re.compile(r"(?:System|Microsoft|Deserialized)\.[\w.]+(?:`\d+\[.*\]|\[\]|\.[\w.`]+)?", re.DOTALL)
_DELIMITERS = ",;\t"


def looks_like_csv(text: str) -> bool:
    """Whether the text begins with a `#TYPE` line, or with a row of two plain headings or more."""
    first = _first_line(text)
    if text.lstrip().startswith("#TYPE"):
        return True
    delimiter = _delimiter(first)
    names = [name.strip().strip('"') for name in first.split(delimiter)]
    return len(names) > 1 and all(re.fullmatch(r"[A-Za-z][\w ]*", name) for name in names)


def read_csv(path: Path, text: str) -> Items:
    """A list of one object per row. Raises ConfigurationError naming the line, and the property where a row ends."""
    skipped = _lines_before_headings(text)
    lines = text.splitlines(keepends=True)
    delimiter = _delimiter(_first_line(text))
    reader = csv.reader(io.StringIO("".join(lines[skipped:])), delimiter=delimiter, skipinitialspace=True, strict=True)
    headings: list[str] = []
    rows: list[Object] = []
    begins = skipped + 1
    try:
        for cells in reader:
            if not headings:
                headings = [cell.strip() for cell in cells]
            elif any(cell.strip() for cell in cells):
                rows.append(_row(path, begins, headings, cells))
            begins = skipped + reader.line_num + 1
    except csv.Error as error:
        last = f", within {headings[0]} …" if headings else ""
        raise ConfigurationError(f"{path}:{begins}: not readable as CSV{last}: {error}", "export it again with Export-Csv") from error
    return Items(list(rows), skipped + 1)


def _row(path: Path, line: int, headings: list[str], cells: list[str]) -> Object:
    if len(cells) != len(headings):
        where = f"the row ends before {headings[len(cells)]}" if len(cells) < len(headings) else f"a value follows {headings[-1]}"
        words = f"{path}:{line}: {len(cells)} values under {len(headings)} headings: {where}"
        raise ConfigurationError(words, "the file was cut, or a value holds the delimiter without quotes")
    entries: dict[str, Entry] = {}
    for name, cell in zip(headings, cells, strict=True):
        lost = cell == "" or _TYPE_NAME.fullmatch(cell.strip()) is not None
        add_entry(path, entries, Entry(name, line, Scalar(None if lost else cell, line)))
    return Object(entries, line)


def _lines_before_headings(text: str) -> int:
    """Blank lines and the `#TYPE` line."""
    count = 0
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            return count
        count += 1
    return count


def _first_line(text: str) -> str:
    lines = text.splitlines()
    at = _lines_before_headings(text)
    return lines[at] if at < len(lines) else ""


def _delimiter(headings: str) -> str:
    return max(_DELIMITERS, key=headings.count)
