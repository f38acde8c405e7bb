"""Traces of the sofia-sip stack: FreeSWITCH and drachtio. Shapes: grammars/freeswitch.lark."""

from __future__ import annotations

import re

from siplens.logs.blocks import Record
from siplens.logs.framing import without_colours
from siplens.logs.rows import Rows
from siplens.logs.traced import Traced

_PREFIX = re.compile(r"\S+(?= (?:recv|send) )|\S+(?= *\Z)")


class Dialect(Traced):
    """Heads have the time of day; messages may be indented, and lines may bear the prefix of a session, as their head does."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._prefix = ""

    def take(self, record: Record, rows: Rows) -> None:
        """A date in a head's own line counts for those that follow."""
        if record.head:
            if record.head["date"]:
                self.clock.told_date(record.head["date"])
            lead = without_colours(record.head["lead"]).strip()
            self._prefix = lead.split()[0] + " " if lead and not record.head["date"] else ""
        super().take(record, rows)

    def time(self, head: re.Match[str]) -> int | None:
        """The stack's own time, with the date that is known."""
        if "way" in head.re.groupindex:
            return self.clock.micros("", head["time"])
        return super().time(head)

    def content(self, text: str) -> str:
        """The message's lines without the session's prefix."""
        text = without_colours(text)
        if self._prefix and text.startswith(self._prefix):
            lines = text.splitlines(keepends=True)
            return "".join(line.removeprefix(self._prefix) if line.startswith(self._prefix) else line.lstrip(" ") for line in lines)
        return text
