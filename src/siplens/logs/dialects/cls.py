"""Server traces of Lync and Skype for Business: SipStack and S4 records into messages, all others into log events.

The shapes are in grammars/cls.lark. Its terminals, compiled into three patterns, carry the volume: HEAD cuts the file into records,
FACTS MESSAGE END and ARROW S4_MESSAGE S4_END take those that carry SIP. What fits none of them goes through the parser, which says where
it breaks. A component's own text has no grammar and is kept as it is.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from siplens.logs.blocks import Block, Record
from siplens.logs.grammar import Grammar, Misread
from siplens.logs.plain_lines import PlainLines
from siplens.logs.reader import Options
from siplens.logs.rows import Rows

_WORDS = {
    "LPAR": "( and the trace flag",
    "FLAG": "a trace flag such as TF_PROTOCOL",
    "LSQB": "[ and the machine",
    "PLACE": "the machine or processor",
    "PROCESS": "the process id in hexadecimal",
    "THREAD": "the thread id in hexadecimal",
    "STAMP": "a date and a time such as 01/18/2012-05:00:43.101",
    "SEQUENCE": "the sequence number in hexadecimal",
    "HEAD": "a header line: level(flag) [machine]process.thread::date-time.sequence (component,function)",
    "FACTS": "$$begin_record and facts about the message",
    "MESSAGE": "a line Start-Line:",
    "END": "$$end_record",
    "ARROW": "an arrow and Incoming or Outgoing SipMessage",
    "S4_MESSAGE": "a SIP message",
    "S4_END": "EndOfIncoming or EndOfOutgoing SipMessage",
    "TEXT": "text",
}
_MAY_CARRY_SIP = re.compile(r"\s*(?:\$\$begin_record[^\n]*\n(?!Severity:|LogType:)|[<>]{2})", re.IGNORECASE)
_DIRECTION = re.compile(r"^Direction:[ \t]*(\w+)", re.MULTILINE | re.IGNORECASE)
_PEER = re.compile(r"^Peer:[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)
_HOP = re.compile(r"([\w.:%\[\]-]+:\d+)[ \t]*(->|<-)[ \t]*([\w.:%\[\]-]+:\d+)")
_CALL_ID = re.compile(r"^(?:SIP-)?Call-ID:[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)
_MARKS = re.compile(r"^\$\$(?:begin|end)_record[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_RESULT = re.compile(r"Result(?:-Code:)? (0x[0-9A-Fa-f]{8}) ?\(?([A-Z][A-Z0-9_]+)?")
_LENGTH = re.compile(r"^(?:content-length|l)[ \t]*:[ \t]*(\d{1,9})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_NO_HEAD = "a header line such as TL_INFO(TF_PROTOCOL) [machine]PID.TID::date-time.sequence (component,function)"

_MOST_IN_DETAIL = 5_000
"""Bad header lines whose fault is looked for; a file of nothing else would take minutes."""

_Place = tuple[str | None, int | None, str | None]
"""Address, port, name."""
_NOWHERE: _Place = (None, None, None)


class Dialect:
    """Takes the records of one server trace."""

    def __init__(self, options: Options) -> None:
        self._grammar = Grammar(options.format, _WORDS)
        self._head = self._grammar.pattern("HEAD")
        # A line that only begins like a header line is a record too: a bad one, which must not end up in the record before it.
        self.begins = re.compile(r"^TL_[A-Z]+\(", re.MULTILINE)
        self.cuts = re.compile(r"\nTL_[A-Z]+\(")
        self._sipstack = self._grammar.pattern("FACTS", "MESSAGE", "END?")
        self._s4_record = self._grammar.pattern("ARROW", "S4_MESSAGE", "S4_END?")
        self._options = options
        self._clock = options.clock
        self._unconfirmed = False
        self._by_ocslogger = False
        self._in_detail = 0
        self._month_first = {"mdy": 1, "dmy": 0}.get(options.clock.date_order)

    @cached_property
    def _detail(self) -> Grammar:
        """Made when the first bad header line is met."""
        return Grammar(self._options.format, _WORDS, "head_in_detail")

    def status(self) -> str:
        """partly as soon as a record had a shape of which no real sample was seen."""
        return "partly" if self._unconfirmed else "verified"

    def finish(self, rows: Rows) -> None:
        """Tells that times were read as UTC where that is not known: OCSLogger, which writes a processor where CLS writes a machine."""
        if self._by_ocslogger and not self._clock.zone_is_told:
            words = "whether OCSLogger writes UTC or local time is not published: read as UTC; give --log-tz if that is wrong"
            rows.health("log_zone_supplied", rows.records, words)

    def take_block(self, block: Block, rows: Rows) -> None:
        """Component lines, most of a trace, go the short way; all other records are taken one by one."""
        if block.is_cut or block.heads[0] is None or self._month_first is None:
            for record in block.records():
                self.take(record, rows)
            return
        found = PlainLines(block, self._month_first)
        rows.set_apart()
        for number in found.others:
            begin, end = block.bounds[number], block.bounds[number + 1]
            offset = None if block.offset is None else block.offset + begin - block.bounds[0]
            record = Record(block.text[begin:end], block.heads[number], block.line + int(found.lines[number]), offset, False)
            self.take(record, rows)
        rows.merge(found.events(self._clock), block.bounds[-1] - block.bounds[0])

    def take(self, record: Record, rows: Rows) -> None:
        """A message, an event, or a rejected record."""
        head = record.head
        if head is None:
            if record.text.strip():
                first = len(record.text) - len(record.text.lstrip())
                line = record.line + record.text.count("\n", 0, first)
                rows.reject(line, 1, record.text[first:].split("\n", 1)[0], _NO_HEAD)
            return
        if record.is_cut:
            rows.reject(record.line, 1, record.text[:500].split("\n", 1)[0], "the next record within 4 MB")
            return
        head = self._head.match(record.text)
        if head is None:
            self._reject(record, Misread(1, 1, _WORDS["STAMP"]), rows)
            return
        self._by_ocslogger |= head["place"].isdigit()
        ts, size = self._clock.micros(head["date"], head["time"]), head.end()
        if ts is None:
            place = record.text.find("::") + 3
            self._reject(record, Misread(1, place, _WORDS["STAMP"]), rows)
        elif not _MAY_CARRY_SIP.match(record.text, size):
            self._event(record, head, size, ts, rows)
        elif sipstack := self._sipstack.match(record.text, size):
            self._protocol(sipstack, record, ts, _here(head), rows)
        elif s4 := self._s4_record.match(record.text, size):
            self._s4(s4, record, ts, _here(head), rows)
        elif isinstance(misread := self._grammar.parse(record.text), Misread):
            self._reject(record, misread, rows)
        else:
            self._event(record, head, size, ts, rows)

    def _event(self, record: Record, head: re.Match[str], size: int, ts: int, rows: Rows) -> None:
        text = record.text[size:]
        result = _RESULT.search(text) if "Result" in text else None
        call_id = _CALL_ID.search(text) if "all-I" in text or "ALL-I" in text else None
        rows.event(
            (_MARKS.sub("", text) if "$$" in text else text).strip(),
            line=record.line,
            ts=ts,
            level=head["level"],
            flag=head["flag"],
            machine=_machine(head["place"]) or head["place"],
            component=head["component"],
            function=head["function"],
            call_id=call_id.group(1) if call_id else None,
            result_code=" ".join(part for part in result.groups() if part) if result else None,
        )

    def _reject(self, record: Record, wrong: Misread, rows: Rows) -> None:
        """One row: where the record stopped making sense, in detail where that was in its header line."""
        if (wrong.line, wrong.column) == (1, 1) and self._in_detail < _MOST_IN_DETAIL:
            self._in_detail += 1
            detail = self._detail.parse(record.text.split("\n", 1)[0].rstrip("\r"))
            wrong = detail if isinstance(detail, Misread) else wrong
        line = record.text.split("\n", wrong.line)[wrong.line - 1]
        rows.reject(record.line + wrong.line - 1, wrong.column, line, wrong.expected)

    def _protocol(self, found: re.Match[str], record: Record, ts: int, here: _Place, rows: Rows) -> None:
        facts, message = found["FACTS"], found["MESSAGE"]
        begin = message.find("\nMessage-Body:") + 1
        head, body = (message[:begin], message[begin + len("Message-Body:") :].removeprefix(" ")) if begin else (message, "")
        if body.strip() == "-":
            body = ""
        has_body = body.strip() != ""
        self._unconfirmed |= has_body
        named, direction = _PEER.search(facts), _DIRECTION.search(facts)
        peer = _address(named.group(1)) if named else _NOWHERE
        src, dst = (here, peer) if direction and direction.group(1).lower() == "outgoing" else (peer, here)
        head = head[len("Start-Line:") :].lstrip(" \t")
        text = head + ("\r\n" if head.endswith("\r\n") else "\n") + _trimmed(head, body)
        dialect = ("sipstack", "partly" if has_body else "verified")
        rows.message(text.encode("latin-1"), line=record.line, offset=record.offset, ts=ts, src=src, dst=dst, dialect=dialect)

    def _s4(self, found: re.Match[str], record: Record, ts: int, here: _Place, rows: Rows) -> None:
        """The address on the left is the server's own, whatever the arrow says; the word says the direction (unconfirmed)."""
        self._unconfirmed = True
        hop = _HOP.search(found["ARROW"])
        own, other = (_address(hop.group(1)), _address(hop.group(3))) if hop else (_NOWHERE, _NOWHERE)
        own = (own[0], own[1], here[2])
        src, dst = (own, other) if "outgoing" in found["ARROW"].lower() else (other, own)
        message = found["S4_MESSAGE"]
        head, separator, body = message.partition("\r\n\r\n" if "\r\n\r\n" in message else "\n\n")
        text = head + separator + _trimmed(head + separator, body)
        dialect = ("s4", "unconfirmed")
        rows.message(text.encode("latin-1"), line=record.line, offset=record.offset, ts=ts, src=src, dst=dst, dialect=dialect)


def _here(head: re.Match[str]) -> _Place:
    return None, None, _machine(head["place"])


@lru_cache(maxsize=1024)
def _machine(place: str) -> str | None:
    """Machine in the bracket: pool\\machine of CLS. A number is a processor (OCSLogger), not a name."""
    name = place.rpartition("\\")[2].strip()
    return None if not name or name.isdigit() else name


@lru_cache(maxsize=4096)
def _address(text: str) -> _Place:
    """Address, port and name of host:port; the host is an address or a name."""
    host, _, port = text.rpartition(":") if re.search(r"[^:]:\d{1,5}$", text) else (text, "", "")
    host = host.strip("[]")
    number = int(port) if port.isdigit() and int(port) < 65536 else None
    if re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", host) or ":" in host:
        return host.lower(), number, None
    return None, number, host or None


def _trimmed(head: str, body: str) -> str:
    """The body without the line ends that the trace adds to it: Content-Length tells where it ended."""
    told = _LENGTH.search(head) if body else None
    length = int(told.group(1)) if told else None
    if length is not None and len(body) > length and not body[length:].strip("\r\n"):
        return body[:length]
    return body
