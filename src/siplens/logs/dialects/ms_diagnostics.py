"""ms-diagnostics headers on lines of their own, in prose or alone: each a log event with its diagnostic. No times.

Where the prose quotes the whole message, the message is read, and its headers with it.
"""

from __future__ import annotations

from siplens.logs.blocks import Record
from siplens.logs.framing import framed
from siplens.logs.grammar import Grammar
from siplens.logs.reader import Options
from siplens.logs.rows import Rows


class Dialect:
    """Takes the lines that are such headers, and messages, and passes over all other lines."""

    def __init__(self, options: Options) -> None:
        self.begins = Grammar(options.format, {}).pattern("HEAD", prefix="^")

    def status(self) -> str:
        """The header is documented."""
        return "verified"

    def take(self, record: Record, rows: Rows) -> None:
        """One header, or one message."""
        if record.head is None:
            return
        if record.head["start"] is None:
            rows.event(record.head[0].strip(), line=record.line)
        elif found := framed(_flush(record.text)):
            rows.message(found.message.encode("latin-1"), line=record.line, offset=record.offset)

    def finish(self, rows: Rows) -> None:
        """Nothing is held back."""


def _flush(text: str) -> str:
    """The text with its headers brought under the start line, where a page moved all but that one to the right: they are not folded."""
    start, *others = text.split("\n")
    if start[:1] in " \t" or not others[0].startswith((" ", "\t")):
        return text
    indent = len(others[0]) - len(others[0].lstrip(" \t"))
    return "\n".join([start, *(line[indent:] if not line[:indent].strip() else line for line in others)])
