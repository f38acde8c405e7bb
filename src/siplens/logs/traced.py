"""Logs in which one line tells when and between whom, and the SIP message stands below it: most of them.

A format's module subclasses `Traced`. Its grammar has a terminal HEAD with these named groups, each of which may be missing:

    date, time, zone      when
    way                   a word of SENT, or another: received
    peer, peer_port       the other end
    own, own_port         this end
    src, src_port, dst, dst_port    both ends where the line says who sent
    transport             UDP, TCP, TLS …
    message               the message, where it stands on the head's own line

and perhaps a rule `event: EVENT` for lines between messages that matter, with date, time, zone, level, component, text. A rule
`dated: DATED` finds other lines with a date in the group told, for heads that have only a time.
"""

from __future__ import annotations

import re
from typing import ClassVar

from siplens.logs.blocks import Record
from siplens.logs.framing import framed, without_colours
from siplens.logs.grammar import Grammar, line_pattern
from siplens.logs.reader import Options
from siplens.logs.rows import Rows

Place = tuple[str | None, int | None, str | None]
"""Address, port, name."""
NOWHERE: Place = (None, None, None)
_VIA = re.compile(r"^(?:via|v)[ \t]*:[ \t]*SIP[ \t]*/[ \t]*2\.0[ \t]*/[ \t]*\w+[ \t]+([^\s;,]+)([^\r\n,]*)", re.IGNORECASE | re.MULTILINE)
_STRAY = re.compile(r"^[ \t]*(?:via|call-id|cseq|from|to)[ \t]*:[^\n]*", re.IGNORECASE | re.MULTILINE)
_CALL_ID = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


class Traced:
    """Takes records of a head line and a SIP message. Subclasses change what their format does differently."""

    SENT: ClassVar[frozenset[str]] = frozenset({"send", "sent", "sending", "outgoing", "transmitting", "out", "snd", ">"})
    """Words of the group `way`, lower case, that mean: this end sent it."""
    WORDS: ClassVar[dict[str, str]] = {}
    """What terminals mean, for people who read log_reject."""
    UNTIMED: ClassVar[str] = "their lines bear none"
    """Why a message may have no time, and what to do."""
    BY_VIA: ClassVar[bool] = False
    """True where the log names no addresses at all: then the topmost Via tells the one that it can tell."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clock = options.clock
        self._untimed = 0
        self._grammar = Grammar(options.format, self.WORDS)
        self.begins = self._grammar.pattern("HEAD", prefix="^")
        self._event = line_pattern(options.format, "event", "EVENT", prefix="^")
        self._dated = line_pattern(options.format, "dated", "DATED", prefix="^")

    def status(self) -> str:
        """What the grammar says of itself."""
        return self.options.format.status

    def finish(self, rows: Rows) -> None:
        """Tells how many messages have no times."""
        if self._untimed:
            rows.health("log_without_times", self._untimed, f"{self._untimed:,} messages have no times: {self.UNTIMED}")

    def take(self, record: Record, rows: Rows) -> None:
        """A message, and events from what stands around it."""
        if record.head is None:
            if (stray := _STRAY.search(record.text)) and not framed(record.text):
                line = record.line + record.text.count("\n", 0, stray.start())
                rows.reject(line, 1, stray[0], "the line that begins this message")
            self.around(record.text, record.line, rows)
            return
        size = record.head.end() - record.head.start()
        line = record.line + record.text.count("\n", 0, size)
        # What goes on for megabytes without another head is the log's other lines: the message stands at its beginning.
        found = framed(self.content((_group(record.head, "message") or "") + record.text[size:]))
        if found is None:
            if wrong := self.without_message(record, size):
                place = line if record.text[size:].strip() else record.line
                text = next((part for part in record.text[size:].split("\n") if part.strip()), record.text.split("\n", 1)[0])
                rows.reject(place, 1, text, wrong)
            return
        self.around(found.before, line, rows)
        src, dst = self.hop(record.head, found.message)
        ts, transport = self.time(record.head), _group(record.head, "transport")
        self._untimed += ts is None
        rows.message(
            found.message.encode("latin-1"),
            line=record.line,
            offset=record.offset,
            ts=ts,
            src=src,
            dst=dst,
            transport=transport.lower() if transport else None,
        )
        self.around(found.after, line + found.line + found.message.count("\n"), rows)

    def content(self, text: str) -> str:
        """What follows the head, without what the log adds to each line."""
        return text

    def without_message(self, record: Record, size: int) -> str | None:
        """What was expected where no message follows a head; None where that is no fault. size: of the head."""
        return "a SIP request line or status line"

    def time(self, head: re.Match[str]) -> int | None:
        """When the message was seen."""
        time = _group(head, "time")
        return self.clock.micros(_group(head, "date") or "", time, _group(head, "zone") or "") if time else None

    def hop(self, head: re.Match[str], message: str) -> tuple[Place, Place]:
        """Sender and receiver."""
        if _group(head, "src"):
            return place(_group(head, "src"), _group(head, "src_port")), place(_group(head, "dst"), _group(head, "dst_port"))
        sent = (_group(head, "way") or "").strip().lower() in self.SENT
        own, peer = place(_group(head, "own"), _group(head, "own_port")), place(_group(head, "peer"), _group(head, "peer_port"))
        if self.BY_VIA and own == NOWHERE and peer == NOWHERE:
            return by_via(message)
        return (own, peer) if sent else (peer, own)

    def around(self, text: str, line: int, rows: Rows) -> None:
        """Events from text that is no message; line: where it begins."""
        if not text.strip():
            return
        text = without_colours(text)
        if self._dated:
            for found in self._dated.finditer(text):
                self.clock.told_date(found["told"])
        if not self._event:
            return
        for found in self._event.finditer(text):
            call_id = _CALL_ID.search(found[0])
            rows.event(
                (_group(found, "text") or found[0]).strip(),
                line=line + text.count("\n", 0, found.start()),
                ts=self.time(found),
                level=_group(found, "level"),
                component=_group(found, "component"),
                call_id=call_id[1] if call_id else None,
            )


def _group(found: re.Match[str], name: str) -> str | None:
    return found[name] if name in found.re.groupindex else None


def place(host: str | None, port: str | None = None) -> Place:
    """Address, port and name of a host, which may be host:port, [host]:port or a name."""
    if not host:
        return NOWHERE
    host = host.strip()
    if port is None and (apart := re.fullmatch(r"(\[[^\]]+\]|[^:]+):(\d{1,5})", host)):
        host, port = apart[1], apart[2]
    number = int(port) if port and port.isdigit() and int(port) < 65536 else None
    host = host.strip("[]")
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host) or (":" in host and re.fullmatch(r"[0-9A-Fa-f:.]+(?:%\w+)?", host)):
        return host.lower(), number, None
    return None, number, host or None


def by_via(message: str) -> tuple[Place, Place]:
    """The end that the topmost Via names: who sent the request. A response goes back to it (RFC 3261 18.2.2, RFC 3581)."""
    via = _VIA.search(message)
    if via is None:
        return NOWHERE, NOWHERE
    received = re.search(r";[ \t]*received=([^;\s,]+)", via[2], re.IGNORECASE)
    rport = re.search(r";[ \t]*rport=(\d+)", via[2], re.IGNORECASE)
    address, port, name = place(via[1])
    if received:
        address, port, name = place(received[1])[0], (int(rport[1]) if rport else port), None
    asked: Place = (address, port or (5060 if address else None), name)
    return (NOWHERE, asked) if message.lstrip()[:4].upper() == "SIP/" else (asked, NOWHERE)
