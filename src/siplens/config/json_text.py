"""JSON text into the tree of `nodes`, with lines: the standard library's decoder forgets where things stood.

Escapes are decoded by the standard library; the rest of JSON (RFC 8259) is a handful of tokens.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from pathlib import Path

from siplens.config.nodes import Entry, Items, Node, Object, Scalar, add_entry
from siplens.errors import ConfigurationError

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"')
_WORD = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_MAX_DEPTH = 100
"""Get-Cs* objects nest six deep at most; a deeper text is not one."""


def read_json(path: Path, text: str) -> Node:
    """The tree of a JSON text. Raises ConfigurationError naming the line and what was expected there."""
    reader = _JsonReader(path, text)
    node, position = reader.value(reader.skip_space(0), 0)
    position = reader.skip_space(position)
    if position != len(text):
        raise reader.error(position, "the end of the file")
    return node


class _JsonReader:
    """Recursive descent over one text; positions are indices into it."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._text = text
        self._line_ends = [match.start() for match in re.finditer("\n", text)]
        self._names: list[str] = []
        """Names of the properties that are being read, from the outside in."""

    def error(self, position: int, expected: str) -> ConfigurationError:
        found = self._text[position : position + 20].split("\n")[0]
        stands = f"found '{found}'" if found else "but the line ends there"
        place = f"{self._path}:{self.line(position)}"
        within = f", within {'.'.join(self._names)}" if self._names else ""
        return ConfigurationError(f"{place}: not readable as JSON: expected {expected}, {stands}{within}")

    def line(self, position: int) -> int:
        return bisect_right(self._line_ends, position - 1) + 1

    def skip_space(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def value(self, position: int, depth: int) -> tuple[Node, int]:
        first = self._text[position : position + 1]
        if depth > _MAX_DEPTH:
            raise self.error(position, f"no more than {_MAX_DEPTH} levels of lists and objects")
        if first == "{":
            return self._object(position, depth)
        if first == "[":
            return self._items(position, depth)
        if first == '"':
            text, end = self._string(position)
            return Scalar(text, self.line(position)), end
        word = _WORD.match(self._text, position)
        if word is None:
            raise self.error(position, "a value")
        return Scalar(None if word.group() == "null" else word.group(), self.line(position)), word.end()

    def _string(self, position: int) -> tuple[str, int]:
        match = _STRING.match(self._text, position)
        if match is None:
            raise self.error(position, "a text that ends with '\"' on its line")
        if "\\" not in match.group():
            return match.group(1), match.end()
        try:
            return str(json.loads(match.group())), match.end()
        except json.JSONDecodeError as error:
            raise self.error(position + error.pos, "an escape such as \\n or \\u00e9") from error

    def _items(self, position: int, depth: int) -> tuple[Items, int]:
        nodes: list[Node] = []
        begin, position = position, self.skip_space(position + 1)
        while self._text[position : position + 1] != "]":
            if nodes:
                position = self._comma(position, "]")
            node, position = self.value(position, depth + 1)
            nodes.append(node)
            position = self.skip_space(position)
        return Items(nodes, self.line(begin)), position + 1

    def _object(self, position: int, depth: int) -> tuple[Object | Items, int]:
        entries: dict[str, Entry] = {}
        begin, position = position, self.skip_space(position + 1)
        while self._text[position : position + 1] != "}":
            if entries:
                position = self._comma(position, "}")
            if self._text[position : position + 1] != '"':
                raise self.error(position, "the name of a property in double quotes")
            name_line = self.line(position)
            name, position = self._string(position)
            position = self.skip_space(position)
            if self._text[position : position + 1] != ":":
                raise self.error(position, f"':' after {name}")
            self._names.append(name)
            node, position = self.value(self.skip_space(position + 1), depth + 1)
            self._names.pop()
            add_entry(self._path, entries, Entry(name, name_line, node))
            position = self.skip_space(position)
        wrapped = entries["value"].value if entries.keys() == {"value", "count"} else None
        if isinstance(wrapped, Items):  # what Windows PowerShell makes of a list that it had wrapped into an object
            return wrapped, position + 1
        return Object(entries, self.line(begin)), position + 1

    def _comma(self, position: int, closing: str) -> int:
        if self._text[position : position + 1] != ",":
            raise self.error(position, f"',' or '{closing}'")
        return self.skip_space(position + 1)
