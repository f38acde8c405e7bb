"""ms-diagnostics headers on lines of their own, in prose or alone: each a log event with its diagnostic. No times."""

from __future__ import annotations

from siplens.logs.blocks import Record
from siplens.logs.grammar import Grammar
from siplens.logs.reader import Options
from siplens.logs.rows import Rows


class Dialect:
    """Takes the lines that are such headers and passes over all others."""

    def __init__(self, options: Options) -> None:
        self.begins = Grammar(options.format, {}).pattern("HEAD", prefix="^")

    def status(self) -> str:
        """The header is documented."""
        return "verified"

    def take(self, record: Record, rows: Rows) -> None:
        """One header."""
        if record.head:
            rows.event(record.head[0].strip(), line=record.line)

    def finish(self, rows: Rows) -> None:
        """Nothing is held back."""
