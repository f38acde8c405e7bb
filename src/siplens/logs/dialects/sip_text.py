"""Plain files of one or many SIP messages, one after another, without times or addresses. Shapes: grammars/sip_text.lark."""

from __future__ import annotations

import re

from siplens.logs.blocks import Record
from siplens.logs.grammar import Grammar
from siplens.logs.reader import Options
from siplens.logs.rows import Rows

_LENGTH = re.compile(r"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_RULERS = re.compile(r"(\n(?:[ \t]*\r?\n)?)(?:[ \t]*\r?\n)*(?:(?:[-=~*_#]{5,}|#[^\n]*)[ \t]*(?:\r?\n|\Z)(?:[ \t]*\r?\n)*)+\Z")
"""Lines of nothing but five or more rulers, and lines that begin with #, at the end: no SDP and no boundary looks like that."""
_END_OF_HEADERS = re.compile(r"\n\r?\n")


class Dialect:
    """Takes messages cut at start lines, and joins those whose Content-Length reaches over the next start line."""

    def __init__(self, options: Options) -> None:
        self.begins = Grammar(options.format, {}).pattern("START_LINE", prefix="^")
        self._held: Record | None = None

    def status(self) -> str:
        """Always verified: there is nothing but SIP."""
        return "verified"

    def take(self, record: Record, rows: Rows) -> None:
        """Holds one message back until the next begins outside its body."""
        if record.head is None:
            stray = next((line for line in record.text.split("\n") if line.strip() and line[:1] not in "#=*~_-"), None)
            if stray is not None:
                rows.reject(record.line, 1, stray, "a request line or a status line")
            return
        if record.is_cut:
            rows.reject(record.line, 1, record.text[:500].split("\n", 1)[0], "the next message within 4 MB")
            return
        if self._held and _missing(self._held.text) > 0:
            self._held = self._held._replace(text=self._held.text + record.text)
            return
        self.finish(rows)
        self._held = record

    def finish(self, rows: Rows) -> None:
        """Hands over the message held back."""
        if self._held:
            rows.message(_message(self._held.text).encode("latin-1"), line=self._held.line, offset=self._held.offset)
        self._held = None


def _split(text: str) -> tuple[int, int | None]:
    """Where the body begins, and what Content-Length says."""
    end = _END_OF_HEADERS.search(text)
    told = _LENGTH.search(text, 0, end.start() + 1) if end else None
    return (end.end() if end else len(text)), (int(told.group(1)) if told else None)


def _missing(text: str) -> int:
    """Bytes of body that Content-Length tells and that are not there yet, were line ends CRLF."""
    begin, length = _split(text)
    return 0 if length is None else length - (len(text) - begin) - (0 if "\r\n" in text else text.count("\n", begin))


def _message(text: str) -> str:
    """The message without the empty lines, rulers and comments that stand between it and the next."""
    text = _RULERS.sub("\\1", text)
    begin, length = _split(text)
    end = begin + (length or 0)
    return text[: max(end, begin)] if not text[end:].strip("\r\n") else text
