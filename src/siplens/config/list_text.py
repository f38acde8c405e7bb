"""What Format-List writes ("Name : value", long values wrapped) into the tree of `nodes`, with lines.

Lists stand in braces, objects in them as Name=value;Name=value. Where Format-List left items out it wrote "..." at the end: such a list is
marked as cut, and who needs all of it refuses it. Lines of a PowerShell prompt between objects are passed over.
"""

from __future__ import annotations

import re
from pathlib import Path

from siplens.config.nodes import Entry, Items, Node, Object, Scalar
from siplens.errors import ConfigurationError

_PROPERTY = re.compile(r"^(\s*)([A-Za-z_]\w*)(\s*) : ?(.*)$")
_FIRST = re.compile(r"^\s*[A-Za-z_]\w* *: ?")
_PADDED = re.compile(r"^\s*[A-Za-z_]\w* +:(?: |$)")
_PROMPT = re.compile(r"^(?:PS [^>]*>|>>|#)")
_PAIR = re.compile(r"^[A-Za-z_]\w*=")
_BREAKS_AFTER = tuple("-;,=/\\{:.")


def looks_like_list_text(text: str) -> bool:
    """Whether the first line that is no prompt reads "Name : value", with a blank before the colon as Format-List writes it."""
    first = next((line for line in text.splitlines() if line.strip() and not _PROMPT.match(line)), "")
    return _PADDED.match(first) is not None


def read_list_text(path: Path, text: str) -> Items:
    """A list of the objects in the text. Raises ConfigurationError naming the line, and the property it follows."""
    return _Reader(path, text.splitlines()).read()


class _Reader:
    def __init__(self, path: Path, lines: list[str]) -> None:
        self._path = path
        self._lines = lines
        self._width = max(map(len, lines), default=0)
        self._objects: list[Node] = []
        self._values: dict[str, tuple[str, int, list[str]]] = {}
        self._column = 0
        self._last: str | None = None

    def read(self) -> Items:
        for number, line in enumerate(self._lines, start=1):
            if not line.strip() or _PROMPT.match(line):
                self._finish()
            else:
                self._take(line, number)
        self._finish()
        return Items(self._objects, 1)

    def _take(self, line: str, number: int) -> None:
        indent = len(line) - len(line.lstrip())
        found = _PROPERTY.match(line) or _PROPERTY.match(f"{line} ")
        continues = self._last is not None and self._column and indent >= self._column
        if found and not continues:
            name = found[2]
            if name.lower() in self._values:
                self._finish()
            self._values[name.lower()] = (name, number, [found[4]])
            self._column = found.start(4)
            self._last = name.lower()
        elif self._last is not None and indent > 0:
            self._values[self._last][2].append(line.strip(" \t") + (" " if line.endswith(" ") else ""))
        else:
            after = f" after {self._values[self._last][0]}" if self._last else ""
            raise ConfigurationError(
                f"{self._path}:{number}: expected 'Name : value'{after}, found '{line.strip()[:60]}'",
                "the file is no output of Format-List, or was cut; Export-Clixml loses nothing",
            )

    def _finish(self) -> None:
        if not self._values:
            return
        entries = {key: Entry(name, line, self._value(name, line, parts)) for key, (name, line, parts) in self._values.items()}
        first = min(line for _, line, _ in self._values.values())
        self._objects.append(Object(entries, first))
        self._values, self._last, self._column = {}, None, 0

    def _value(self, name: str, line: int, parts: list[str]) -> Node:
        text = self._joined(parts).strip()
        if not text.startswith("{"):
            return _pairs(text, line) if ";" in text and _PAIR.match(text) else Scalar(text or None, line)
        if _GUID_IN_BRACES.fullmatch(text):
            return Scalar(text, line)
        if not text.endswith("}"):
            raise ConfigurationError(
                f"{self._path}:{line}: {name}: the list begins with '{{' and does not end: the text was cut",
                "export it again; Export-Clixml loses nothing",
            )
        inner = text[1:-1].strip()
        cut = re.search(r"(?:\.\.\.|…)$", inner) is not None
        inner = re.sub(r",?\s*(?:\.\.\.|…)$", "", inner)
        items = [part.strip() for part in inner.split(",") if part.strip()]
        if _PAIR.match(inner):
            items = _objects_of(inner)
        return Items([_pairs(item, line) if _PAIR.match(item) else Scalar(item, line) for item in items], line, is_cut=cut)

    def _joined(self, parts: list[str]) -> str:
        """A value from its lines. Format-List breaks at blanks, which it drops, behind signs, and within words that are too long."""
        text = parts[0]
        for part in parts[1:]:
            segment = text.rsplit("\n", 1)[-1]
            filled = " " not in segment.strip() and self._column + len(segment) >= self._width
            glued = text.endswith((" ", *_BREAKS_AFTER)) or filled or not text
            text += part if glued else f" {part}"
        return text


_GUID_IN_BRACES = re.compile(r"\{[0-9A-Fa-f-]{36}\}")


def _objects_of(inner: str) -> list[str]:
    """Items of a list of objects: a comma ends an object where Name= follows; other commas belong to a value."""
    items: list[str] = []
    for part in inner.split(","):
        if items and not _PAIR.match(part.strip()):
            items[-1] += f",{part}"
        else:
            items.append(part.strip())
    return [item for item in items if item.strip()]


def _pairs(text: str, line: int) -> Node:
    """Name=value;Name=value as an object; the text itself where it is none."""
    entries: dict[str, Entry] = {}
    for part in text.split(";"):
        name, equals, value = part.strip().partition("=")
        if not equals or not name.isidentifier():
            if part.strip():
                return Scalar(text, line)
            continue
        entries.setdefault(name.lower(), Entry(name, line, Scalar(value.strip() or None, line)))
    return Object(entries, line)
