"""What a configuration file says, as a tree that still knows its lines: scalars, lists, objects of named properties.

Scalars stay the text they were written as. What a text means is settled by the property it stands for (`values`), so
that a site called NO stays a name and a mask written "16" is a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from siplens.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: its text, or None for null."""

    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    nodes: list[Node]
    line: int
    is_cut: bool = False
    """True where the export left out the rest of the list, as Format-List does with '...'."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One property of an object: its name as written, the line of the name, and the value."""

    name: str
    line: int
    value: Node


@dataclass(frozen=True, slots=True)
class Object:
    """An object: its properties by lower-case name (PowerShell's names have no case). `line` is where it begins."""

    entries: dict[str, Entry]
    line: int
    text: str | None = None
    """What the object is as a text, where the export says so (ToString in CliXML): an address, an enumeration's word."""

    def value(self, name: str) -> Node | None:
        """The value of the property `name`, whatever its case; None where it is absent or null."""
        entry = self.entries.get(name.lower())
        if entry is None or (isinstance(entry.value, Scalar) and entry.value.text is None):
            return None
        return entry.value


Node = Scalar | Items | Object


def scalar(node: Node) -> Scalar | None:
    """The node as one value: a scalar, or an object that says what it is as a text. None for anything else."""
    if isinstance(node, Object) and node.text is not None:
        return Scalar(node.text, node.line)
    return node if isinstance(node, Scalar) else None


def describe(node: Node) -> str:
    """What stands there, for an error message: the text in quotes, or the kind of thing."""
    if isinstance(node, Items):
        return f"a list of {len(node.nodes)}"
    if isinstance(node, Object):
        return "an object"
    return "nothing" if node.text is None else f"'{node.text[:80]}'"


def add_entry(path: Path, entries: dict[str, Entry], entry: Entry) -> None:
    """Puts `entry` among the properties read so far. The same name twice is an error: one of the two would be lost."""
    first = entries.setdefault(entry.name.lower(), entry)
    if first is not entry:
        raise ConfigurationError(f"{path}:{entry.line}: {entry.name} is given twice (first in line {first.line})")


def read_yaml(path: Path, text: str) -> Node:
    """The tree of a YAML text. Raises ConfigurationError naming the line where the text stops being YAML."""
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
        return Scalar(None, 1) if root is None else _YamlTree(path).node(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{path}:{mark.line + 1 if mark else 1}"
        problem = error.problem or error.context or "unknown problem"
        hint = "put a value such as 'fd00::' in quotes" if "mapping values" in problem or "':'" in problem else None
        raise ConfigurationError(f"{place}: not readable as YAML: {problem}", hint) from error
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not readable as YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise ConfigurationError(f"{path}: lists or objects are nested too deeply to be a configuration") from error
    finally:
        loader.dispose()


class _YamlTree:
    """Turns PyYAML's nodes into ours. An aliased node is turned once and shared, so that aliases cannot multiply."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done: dict[int, Node | None] = {}

    def node(self, source: yaml.Node) -> Node:
        line = source.start_mark.line + 1
        known = self._done.get(id(source), source)
        if known is None:
            raise ConfigurationError(f"{self._path}:{line}: an alias holds itself")
        if not isinstance(known, yaml.Node):
            return known
        self._done[id(source)] = None
        made = self._make(source, line)
        self._done[id(source)] = made
        return made

    def _make(self, source: yaml.Node, line: int) -> Node:
        if isinstance(source, yaml.ScalarNode):
            return Scalar(None if source.tag == "tag:yaml.org,2002:null" else source.value, line)
        if isinstance(source, yaml.SequenceNode):
            return Items([self.node(item) for item in source.value], line)
        entries: dict[str, Entry] = {}
        for key, value in source.value:
            key_line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigurationError(f"{self._path}:{key_line}: expected the name of a property before ':'")
            add_entry(self._path, entries, Entry(key.value, key_line, self.node(value)))
        return Object(entries, line)
