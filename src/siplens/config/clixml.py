"""CliXML, which Export-Clixml writes, into the tree of `nodes`, with lines ([MS-PSRP] 2.2.5).

Read by expat without document types and entities: an export has none, and a file that declares any is refused. Types are left aside:
what a property means is settled by its name. An object with a list is that list; a dictionary is an object of its keys; an enumeration's
member, an address, a GUID is its text; RefId and Ref lead to what was written before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from siplens.config.nodes import Entry, Items, Node, Object, Scalar
from siplens.errors import ConfigurationError

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LISTS = frozenset({"LST", "IE", "QUE", "STK"})
_TEXTS = frozenset(
    "S B C DT TS By SB U16 I16 U32 I32 U64 I64 Sg Db D G URI Version XD SBK BA SS PR".split()  # noqa: SIM905 - one line a list
)
_CUT_SHORT = frozenset({expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN, expat.errors.XML_ERROR_PARTIAL_CHAR})
_MAX_DEPTH = 200
_HINT = "export it again with Export-Clixml -Depth 8"


def read_clixml(path: Path, text: str) -> Node:
    """The tree of a CliXML text: a list of what was exported. Raises ConfigurationError naming the line and the property."""
    return _Reader(path).read(text)


@dataclass(slots=True)
class _Element:
    """An element that is open: what it holds so far."""

    tag: str
    name: str | None
    line: int
    ref_id: str | None
    text: list[str] = field(default_factory=list)
    words: str | None = None
    """ToString."""
    types: list[str] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)
    items: list[Node] | None = None
    key: str | None = None


class _Reader:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._open: list[_Element] = []
        self._known: dict[str, Node] = {}
        self._root: list[Node] = []
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, text: str) -> Items:
        # The text is decoded already: what its XML declaration says of the encoding no longer holds.
        try:
            self._parser.Parse(re.sub(r"^<\?xml[^>]*\?>", lambda found: " " * len(found[0]), text), True)
        except expat.ExpatError as error:
            raise self._error(error.lineno, self._words(error)) from error
        return Items(self._root, 1)

    def _words(self, error: expat.ExpatError) -> str:
        reason = expat.ErrorString(error.code)
        if reason in _CUT_SHORT:
            return f"the export ends in the middle{self._within()}"
        return f"not readable as CliXML{self._within()}: {reason}"

    def _error(self, line: int, words: str) -> ConfigurationError:
        return ConfigurationError(f"{self._path}:{line}: {words}", _HINT)

    def _within(self) -> str:
        """Where reading stands, in the names of properties."""
        named = [element.name or element.key for element in self._open]
        place = ".".join(name for name in named if name)
        return f", within {place}" if place else ""

    def _refuse_doctype(self, *_: object) -> None:
        raise self._error(self._parser.CurrentLineNumber, "declares a document type, which Export-Clixml never does")

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text.append(text)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        line = self._parser.CurrentLineNumber
        if not self._open and tag != "Objs":
            raise self._error(line, f"begins with <{tag}>; Export-Clixml begins with <Objs>")
        if len(self._open) >= _MAX_DEPTH:
            raise self._error(line, f"nested more than {_MAX_DEPTH} deep{self._within()}")
        name = attributes.get("N")
        if self._open and self._open[-1].tag == "En":
            name = None if name in ("Key", "Value") else name
        self._open.append(_Element(tag, _unescaped(name) if name else None, line, attributes.get("RefId")))
        if tag in _LISTS:
            self._open[-2].items = self._open[-2].items if self._open[-2].items is not None else []

    def _end(self, tag: str) -> None:
        element = self._open.pop()
        if not self._open:
            return
        owner = self._open[-1]
        text = "".join(element.text)
        if tag == "T":
            owner.types.append(text)
        elif tag == "TN":
            owner.types = element.types
        elif tag == "ToString":
            owner.words = _unescaped(text)
        elif tag in ("Props", "MS", "DCT"):
            owner.entries = element.entries | owner.entries
        elif tag in _LISTS:
            pass
        elif tag == "En":
            self._add_pair(owner, element)
        elif tag == "TNRef":
            pass
        elif (node := self._node(element, text)) is not None:
            self._give(owner, element, node)

    def _node(self, element: _Element, text: str) -> Node | None:
        if element.tag == "Nil":
            return Scalar(None, element.line)
        if element.tag == "Ref":
            known = self._known.get(element.ref_id or "")
            if known is None:
                raise self._error(element.line, f"Ref {element.ref_id}{self._within()} leads to no object before it")
            return known
        if element.tag in _TEXTS:
            return Scalar(_unescaped(text), element.line)
        if element.tag != "Obj":
            raise self._error(element.line, f"<{element.tag}>{self._within()} is no element of CliXML")
        node: Node
        if element.items is not None:
            node = Items(element.items, element.line)
        elif element.entries:
            node = Object(element.entries, element.line, element.words)
        else:
            # An enumeration's member, or an object below the export's depth: only its words are left.
            node = Scalar(element.words if element.words is not None else None, element.line)
        if element.ref_id is not None:
            self._known[element.ref_id] = node
        return node

    def _give(self, owner: _Element, element: _Element, node: Node) -> None:
        """Puts a finished node where it belongs: a property, an item of a list, a key or value, or the root."""
        if owner.tag == "Objs":
            self._root.append(node)
        elif owner.tag in _LISTS:
            items = self._open[-2].items
            if items is not None:
                items.append(node)
        elif owner.tag == "En":
            if owner.key is None:
                owner.key = node.text if isinstance(node, Scalar | Object) and node.text else "?"
            else:
                owner.entries[owner.key.lower()] = Entry(owner.key, owner.line, node)
        elif element.name is not None and element.name.lower() not in owner.entries:
            owner.entries[element.name.lower()] = Entry(element.name, element.line, node)

    def _add_pair(self, owner: _Element, pair: _Element) -> None:
        owner.entries.update(pair.entries)


def _unescaped(text: str) -> str:
    """PowerShell writes characters that XML cannot hold as _x000A_."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
