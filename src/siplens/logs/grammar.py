"""Grammars at work: a parser for records, the pattern that cuts a file into them, and errors with line, column and what was expected."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from siplens.logs.formats import Format


class Misread(NamedTuple):
    """Where a record stopped making sense."""

    line: int
    """From 1, within the record."""
    column: int
    """From 1."""
    expected: str


@lru_cache(maxsize=128)
def _compiled(text: str, start: str) -> Lark:
    """Kept, because a folder may hold thousands of small logs."""
    return Lark(text, start=start, parser="lalr", maybe_placeholders=False)


class Grammar:
    """A format's grammar, compiled. words: what terminals mean, for people; the others go by their name. start: the rule to parse by."""

    def __init__(self, format_: Format, words: dict[str, str], start: str = "record") -> None:
        self._lark = _compiled(format_.grammar.read_text(encoding="utf-8"), start)
        self._words = words

    def pattern(self, *terminals: str, prefix: str = "") -> re.Pattern[str]:
        """Terminals one after another as one compiled pattern, each a group of its name: for cutting files, and for the volume.

        A terminal with ? after its name may be missing.
        """
        parts = []
        for terminal in terminals:
            name = terminal.removesuffix("?")
            regexp = self._lark.get_terminal(name).pattern.to_regexp()
            parts.append(f"(?P<{name}>{regexp}){'?' if terminal.endswith('?') else ''}")
        return re.compile(prefix + "".join(parts), re.MULTILINE)

    def parse(self, text: str) -> Tree[Token] | Misread:
        """The tree of one record, or where it cannot be read."""
        try:
            return self._lark.parse(text)
        except UnexpectedInput as error:
            return self._misread(error, text)

    def _misread(self, error: UnexpectedInput, text: str) -> Misread:
        names: set[str] = set()
        if isinstance(error, UnexpectedToken):
            names = set(error.accepts or error.expected)
        elif isinstance(error, UnexpectedCharacters):
            names = set(error.allowed or ())
        elif isinstance(error, UnexpectedEOF):
            names = set(error.expected)
        words = sorted({self._words.get(name, name) for name in names if name != "$END"})
        line, column = error.line, error.column
        if not isinstance(line, int) or line < 1:
            line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
        return Misread(line, max(column, 1), " or ".join(words) or "the end of the record")


def line_pattern(format_: Format, rule: str, terminal: str, prefix: str = "") -> re.Pattern[str] | None:
    """The terminal of a rule of its own, such as `event: EVENT`, compiled; None where the grammar has no such rule."""
    if not re.search(rf"^{rule}:", format_.grammar.read_text(encoding="utf-8"), re.MULTILINE):
        return None
    return Grammar(format_, {}, rule).pattern(terminal, prefix=prefix)
