"""siplens.toml: what a user settles once instead of saying it on every command line. Reads and checks it; acts on nothing.

A room asks for its own table (`settings.table("jobs", "nightly")`), takes each key with the type it expects, and ends with
`done()`, which refuses what nobody took. So every key is declared once, where it is used, and a misspelt one is an error.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from siplens.errors import ConfigurationError

FILE_NAME = "siplens.toml"
SECTIONS = ("rules", "rule_folders", "peers", "logs", "jobs", "tell", "watch")
"""What may stand at the top of the file. Each is read by the room that it is named for."""

T = TypeVar("T")
_REQUIRED: Any = object()
_KINDS = {str: "a text in quotes", bool: "true or false", int: "a whole number", float: "a number", list: "a list", dict: "a table"}


class Table:
    """One table of the file. Every key that is taken is known; `done` complains of the others."""

    def __init__(self, path: Path, text: str, keys: tuple[str, ...], values: Mapping[str, Any]) -> None:
        self.path = path
        self.keys = keys
        self.values = dict(values)
        self._text = text
        self._taken: list[str] = []

    @property
    def name(self) -> str:
        """The table as the file writes it, such as jobs.nightly."""
        return ".".join(self.keys)

    def fault(self, key: str | None, words: str, hint: str | None = None) -> ConfigurationError:
        """An error that names file, line, table and key."""
        place = f"{self.path}:{line_of(self._text, self.keys, key)}"
        named = " ".join(part for part in (f"[{self.name}]" if self.keys else "", key or "") if part)
        return ConfigurationError(f"{place}: {named}: {words}", hint)

    def has(self, key: str) -> bool:
        """Whether the file sets the key; counts as taking it."""
        self._taken.append(key)
        return key in self.values

    def take(self, key: str, kind: type[T], default: T | Any = _REQUIRED) -> T:
        """The key's value, which must be of `kind`; without it `default`, or an error where there is none."""
        if not self.has(key):
            if default is _REQUIRED:
                raise self.fault(key, f"is missing; {_KINDS[kind]} was expected")
            return default
        value = self.values[key]
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise self.fault(key, f"{value!r} is not {_KINDS[kind]}")
        return value

    def choice(self, key: str, known: Iterable[str], default: Any = _REQUIRED) -> str:
        """A text that must be one of `known`."""
        listed = list(known)
        value: str = self.take(key, str, default)
        if value not in listed:
            raise self.fault(key, f"{value!r} is not one of {', '.join(listed)}", did_you_mean(value, listed))
        return value

    def texts(self, key: str, default: Any = _REQUIRED) -> list[str]:
        """A list of texts; a single text is taken for a list of one."""
        if isinstance(self.values.get(key), str):
            return [self.take(key, str)]
        value: list[str] = self.take(key, list, default)
        if not all(isinstance(item, str) for item in value):
            raise self.fault(key, "is not a list of texts", f'write {key} = ["…", "…"]')
        return value

    def done(self) -> None:
        """Refuses keys that nobody took."""
        for key in self.values:
            if key not in self._taken:
                hint = did_you_mean(key, self._taken) or f"known are {', '.join(dict.fromkeys(self._taken))}"
                raise self.fault(key, "is not known here", hint)


class Settings:
    """The whole file, or nothing where there is none."""

    def __init__(self, path: Path, text: str = "") -> None:
        self.path = path
        self._text = text
        try:
            self.values: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            raise ConfigurationError(f"{path}:{line[1] if line else 1}: not TOML: {error}", "texts stand in double quotes") from error
        for key in self.values:
            if key not in SECTIONS:
                hint = did_you_mean(key, SECTIONS) or f"known are {', '.join(SECTIONS)}"
                raise ConfigurationError(f"{path}:{line_of(text, (key,), None)}: [{key}] is not known", hint)

    @property
    def folder(self) -> Path:
        """Paths in the file are meant from here."""
        return self.path.parent

    def names(self, section: str) -> list[str]:
        """Names of the tables below a section: of [jobs.nightly] in jobs, nightly."""
        return [name for name, value in self._section(section).items() if isinstance(value, dict)]

    def table(self, *keys: str) -> Table:
        """The table that the keys lead to; empty where the file has none."""
        values: Any = self.values
        for depth, key in enumerate(keys, 1):
            values = values.get(key, {})
            if not isinstance(values, dict):
                raise Table(self.path, self._text, keys[:depth], {}).fault(None, "is not a table", f"write [{'.'.join(keys[:depth])}]")
        return Table(self.path, self._text, keys, values)

    def named(self, section: str, name: str) -> Table:
        """The table [section.name]. Raises ConfigurationError where the file has none of that name."""
        known = self.names(section)
        if name not in known:
            has = f"{self.path} has {', '.join(known)}" if known else f"write a table [{section}.{name}] in {self.path}"
            raise ConfigurationError(f"{self.path}: there is no [{section}.{name}]", did_you_mean(name, known) or has)
        return self.table(section, name)

    def _section(self, section: str) -> dict[str, Any]:
        return self.table(section).values


def find_settings(named: Path | None = None) -> Settings:
    """The file that was named, else $SIPLENS_CONFIG, else siplens.toml in this folder; no file is no settings.

    Raises ConfigurationError where a named file is missing or the file is wrong, with file and line.
    """
    chosen = named or (Path(os.environ["SIPLENS_CONFIG"]) if os.environ.get("SIPLENS_CONFIG") else None)
    path = chosen or Path(FILE_NAME)
    if chosen is None and not path.is_file():
        return Settings(path)
    try:
        return Settings(path, path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: is not text in UTF-8") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}", "name the settings with --settings FILE") from error


def did_you_mean(wrong: str, known: Iterable[str]) -> str | None:
    """A hint with the nearest known words, or None where nothing is near."""
    near = get_close_matches(wrong, list(known), n=2, cutoff=0.6)
    return f"did you mean {' or '.join(near)}?" if near else None


def line_of(text: str, keys: tuple[str, ...], key: str | None) -> int:
    """Line, from 1, where the file sets `key` in the table `keys`; else the table's own line; 1 where neither is written out."""
    start, end = _extent(text, keys)
    if key is not None:
        found = re.compile(rf"(?:^|[{{,])\s*[\"']?{re.escape(key)}[\"']?\s*=", re.MULTILINE).search(text, start, end)
        start = found.end() if found else start
    return text.count("\n", 0, start) + 1


def _extent(text: str, keys: tuple[str, ...]) -> tuple[int, int]:
    """Where a table stands: from behind its header, or behind `name =` of an inline table, to the next header."""
    if not keys:
        return 0, len(text)
    head = r"\s*\.\s*".join(rf"[\"']?{re.escape(part)}[\"']?" for part in keys)
    opened = re.search(rf"^[ \t]*\[\s*{head}\s*[\].]", text, re.MULTILINE)
    if opened is None:
        start, end = _extent(text, keys[:-1])
        opened = re.compile(rf"^[ \t]*[\"']?{re.escape(keys[-1])}[\"']?\s*=", re.MULTILINE).search(text, start, end)
        return (opened.end(), end) if opened else (start, end)
    closed = re.compile(r"^[ \t]*\[", re.MULTILINE).search(text, opened.end())
    return opened.end(), closed.start() if closed else len(text)
