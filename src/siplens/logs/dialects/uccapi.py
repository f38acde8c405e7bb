"""Client logs of Lync and Skype for Business. Shapes, most of them unconfirmed: grammars/uccapi.lark."""

from __future__ import annotations

import re

from siplens.logs.blocks import Record
from siplens.logs.framing import framed
from siplens.logs.grammar import Grammar, line_pattern
from siplens.logs.reader import Options
from siplens.logs.rows import Rows
from siplens.logs.traced import place

_MATTERS = ("WARN", "ERROR", "FATAL")


class Dialect:
    """Puts a message together from the lines between its first and its last; other lines are events where they warn."""

    def __init__(self, options: Options) -> None:
        self.begins = Grammar(options.format, {}).pattern("HEAD", prefix="^")
        self._opening = line_pattern(options.format, "opening", "START")
        self._closing = line_pattern(options.format, "closing", "END")
        self._clock = options.clock
        self._open: tuple[Record, re.Match[str], list[str]] | None = None

    def status(self) -> str:
        """No real log was seen, but for the lines that end a message."""
        return "unconfirmed"

    def take(self, record: Record, rows: Rows) -> None:
        """One stamped line and what follows it."""
        if record.head is None:
            if record.text.strip():
                first = record.text.lstrip().split("\n", 1)[0]
                rows.reject(record.line, 1, first, "a line such as 04/16/2013|03:17:30.168 1F68:C14 INFO  :: text")
            return
        text = record.text[record.head.end() - record.head.start() :]
        if self._closing and (end := self._closing.match(text)):
            self._close(record, end, rows)
        elif self._opening and (start := self._opening.match(text)):
            self.finish(rows)
            self._open = (record, start, [text[start.end() :]])
        elif self._open and self._open[0].head and self._open[0].head["thread"] == record.head["thread"]:
            self._open[2].append(text)
        else:
            self._other(record, record.head, text, rows)

    def finish(self, rows: Rows) -> None:
        """A message whose last line is missing is closed by what comes next."""
        if self._open:
            self._message(*self._open, rows)
        self._open = None

    def _close(self, record: Record, end: re.Match[str], rows: Rows) -> None:
        if self._open is None:
            words = "the lines of the message before the line that ends it"
            rows.reject(record.line, 1, record.text.split("\n", 1)[0], words)
            return
        first, _, pieces = self._open
        self._open = None
        self._message(first, end, pieces, rows)

    def _message(self, record: Record, told: re.Match[str], pieces: list[str], rows: Rows) -> None:
        found = framed("".join(pieces))
        if found is None or record.head is None:
            rows.reject(record.line, 1, record.text.split("\n", 1)[0], "a SIP request line or status line")
            return
        own, peer = place(told["own"], told["own_port"]), place(told["peer"], told["peer_port"])
        src, dst = (own, peer) if told["way"].startswith("Sending") else (peer, own)
        ts = self._clock.micros(record.head["date"], record.head["time"])
        rows.message(found.message.encode("latin-1"), line=record.line, offset=record.offset, ts=ts, src=src, dst=dst)

    def _other(self, record: Record, head: re.Match[str], text: str, rows: Rows) -> None:
        if head["level"].startswith(_MATTERS) or "ms-client-diagnostics" in text or "ms-diagnostics" in text:
            rows.event(text.strip(), line=record.line, ts=self._clock.micros(head["date"], head["time"]), level=head["level"])
