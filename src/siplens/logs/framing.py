"""Finds the SIP message in a piece of log, and where it ends. A log may indent it, colour it, escape it, or lose its empty line.

Nothing here reads a header's meaning but Content-Length and Content-Type, which say where a body ends.
"""

from __future__ import annotations

import re
from typing import NamedTuple

START = re.compile(
    r"^([ \t]*)(?:SIP/\d\.\d[ \t]+\d{3}(?!\d)[^\n]*|[A-Za-z0-9_\-.!%*+`'~]{2,32}[ \t]+[A-Za-z][\w+.-]*:[^\s]+[ \t]+SIP/\d\.\d[ \t]*)\r?$",
    re.MULTILINE,
)
"""A request line or a status line on a line of its own, perhaps indented."""
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_HEADER = re.compile(r"[ \t]+\S|[A-Za-z][\w\-.!%*+`'~]*[ \t]*:")
_LENGTH = re.compile(r"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_TYPE = re.compile(r"^(?:content-type|c)[ \t]*:[ \t]*([^\r\n;]*)", re.MULTILINE | re.IGNORECASE)
_SDP_LINE = re.compile(r"[a-zA-Z]=|[ \t]")
_RULED = re.compile(r"[-=|~<>#*_]{3,}[ \t]*$")
_ESCAPES = re.compile(r"#(0[01][0-7]|01[0-7])")


class Framed(NamedTuple):
    """A SIP message as the log holds it, and what is around it."""

    message: str
    before: str
    after: str
    line: int
    """Lines of `before`: the message begins that many lines further down."""


def without_colours(text: str) -> str:
    """The text without the escape sequences of terminals."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def unescaped(text: str) -> str:
    """#015 and #012 of syslog daemons (octal control characters) as the characters they stand for."""
    return _ESCAPES.sub(lambda found: chr(int(found[1], 8)), text) if "#01" in text or "#00" in text else text


def framed(text: str) -> Framed | None:
    """The first SIP message in the text, or None where there is none."""
    text = without_colours(text)
    start = START.search(text)
    if start is None:
        return None
    lines = text[start.start() :].splitlines(keepends=True)
    indent = len(start[1])
    own = _dedented(lines, indent) if indent else lines
    head, body_at = _head(own)
    body_end = _body_end(own, body_at, head)
    message = head + "".join(own[body_at:body_end])
    after = "".join(lines[max(body_end, 1) :])
    return Framed(message, text[: start.start()], after, text.count("\n", 0, start.start()))


def _dedented(lines: list[str], indent: int) -> list[str]:
    """Lines without the indent of the first; they end where one is indented less."""
    kept = []
    for line in lines:
        if line.strip() and line[:indent].strip():
            break
        kept.append(line[indent:] if line.strip() else line.lstrip(" \t"))
    return kept


def _head(lines: list[str]) -> tuple[str, int]:
    """Start line and headers with the empty line after them, and the number of the first line of the body."""
    newline = "\r\n" if lines[0].endswith("\r\n") else "\n"
    for number, line in enumerate(lines[1:], 1):
        if not line.strip():
            return "".join(lines[:number]) + newline, number + 1
        if not _HEADER.match(line):  # a lost empty line before SDP, or something that is no part of the message
            last = "".join(lines[:number])
            return (last if last.endswith("\n") else last + newline) + newline, number
    last = "".join(lines)
    return (last if last.endswith("\n") else last + newline) + newline, len(lines)


def _body_end(lines: list[str], begin: int, head: str) -> int:
    """Number of the line after the body's last."""
    told, kind = _LENGTH.search(head), _TYPE.search(head)
    is_sdp = kind is not None and kind[1].strip().lower() == "application/sdp"
    if told is None and kind is None:
        return begin
    length = int(told[1]) if told else None
    counted, number = 0, begin
    while number < len(lines) and (length is None or counted < length):
        line = lines[number]
        if (is_sdp and not _SDP_LINE.match(line)) or (length is None and _RULED.match(line)):
            break
        counted += len(line.rstrip("\r\n")) + 2  # lines end with CRLF in SIP, whatever the log made of them
        number += 1
    if not is_sdp and length and counted >= length:
        number = _to_bare_line_feeds(lines, begin, number, length)
    while number > begin and not lines[number - 1].strip() and (length is None or is_sdp):
        number -= 1
    return number


def _to_bare_line_feeds(lines: list[str], begin: int, number: int, length: int) -> int:
    """A sender may have written bare line feeds: then more lines fit into the length, if they end it exactly."""
    if any(line.endswith("\r\n") for line in lines[begin:number]):
        return number
    counted = 0
    for end in range(begin, len(lines)):
        counted += len(lines[end])
        if counted >= length:
            return end + 1 if counted - length <= 1 and not "".join(lines[end + 1 :]).strip() else number
    return number
