"""Syslog of AudioCodes devices: SIP in pieces, numbered. Shapes: grammars/audiocodes.lark.

Syslog messages that overtook each other on their way are put back in the order of their numbers. One that holds the end of no SIP
message is kept per session until the next one of that session with the next number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest

from siplens.logs.blocks import Record
from siplens.logs.framing import framed, unescaped
from siplens.logs.grammar import Grammar, line_pattern
from siplens.logs.numbered import Sequence
from siplens.logs.reader import Options
from siplens.logs.rows import Rows
from siplens.logs.traced import NOWHERE, Place, place

_OWN_BEGINNING = re.compile(r"\s*(?:\(N +\d+\)|\(#?\w+\)|\(\w+|-{3,} *(?:Incoming|Outgoing) )")
_LEVEL = re.compile(r"\b(EMERG|ALERT|CRIT|ERR(?:OR)?|WARN(?:ING)?|NOTICE|INFO|DEBUG)\b", re.IGNORECASE)
_MATTERS = re.compile(r"\b(?:EMERG|ALERT|CRIT|ERR(?:OR)?|WARN(?:ING)?|ALARM)\b", re.IGNORECASE)
_MOST_DEVICES = 256
_CALL_ID = re.compile(r"^(?:call-id|i)[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass
class _Open:
    """What of a session's SIP has been read and may go on."""

    record: Record
    sequence: int
    text: str
    ts: int | None
    told_ends: bool = False


class Dialect:
    """Puts syslog messages together, takes SIP out of them, and counts the numbers that are missing."""

    def __init__(self, options: Options) -> None:
        self.begins = Grammar(options.format, {}).pattern("HEAD", prefix="^")
        self._lead = line_pattern(options.format, "lead_time", "LEAD_TIME")
        self._stamp = line_pattern(options.format, "stamp", "STAMP")
        self._carried = line_pattern(options.format, "carried", "MESSAGE")
        self._options = options
        self._open: dict[str, _Open] = {}
        self._devices: dict[str, Sequence] = {}

    def status(self) -> str:
        """What the grammar says of itself."""
        return self._options.format.status

    def take(self, record: Record, rows: Rows) -> None:
        """One syslog message."""
        for stamp in self._stamp.finditer(record.text) if self._stamp else ():
            self._options.clock.told_date(stamp["date"])
        if record.head is None:
            if record.text.strip():
                rows.reject(record.line, 1, record.text.lstrip().split("\n", 1)[0], "a syslog message with its number, such as [S=1428803]")
            return
        sequence, session = int(record.head["sequence"]), record.head["session"] or ""
        for due in self._device(session, sequence).put(sequence, record):
            self._take(due, rows)

    def _device(self, session: str, sequence: int) -> Sequence:
        """A session begins with the device's own digits; a message without one is told by its number."""
        name = session.partition(":")[0]
        if not name:
            name = next((known for known, device in self._devices.items() if known and device.near(sequence)), "")
        if name not in self._devices and len(self._devices) >= _MOST_DEVICES:
            name = ""
        return self._devices.setdefault(name, Sequence())

    def _take(self, record: Record, rows: Rows) -> None:
        """One syslog message whose turn has come."""
        if record.head is None:
            raise AssertionError("a syslog message without its number has no turn")
        sequence, session = int(record.head["sequence"]), record.head["session"] or ""
        text, ts = self._content(record, record.head)
        held = self._open.pop(session, None)
        if held and sequence == held.sequence + 1 and not _OWN_BEGINNING.match(text):
            held.text, held.sequence = held.text + text, sequence
        else:
            if held:
                self._rows(held, rows)
            held = _Open(record, sequence, text, ts)
        if self._goes_on(held.text):
            self._open[session] = held
            self._give_up_old(sequence, rows)
        else:
            self._rows(held, rows)

    def finish(self, rows: Rows) -> None:
        """What never went on is a message cut short; then what became of the numbers."""
        for device in self._devices.values():
            for due in device.rest():
                self._take(due, rows)
        for held in self._open.values():
            self._rows(held, rows)
        self._open.clear()
        for name, device in self._devices.items():
            whose = f"of device {name or '(unnamed)'}"
            if gap := device.first_gap:
                words = f"{device.missing:,} syslog messages {whose} are missing; the first gap is S={gap.first}"
                words += f" to S={gap.last}, before line {gap.line}" if gap.last > gap.first else f", before line {gap.line}"
                rows.health("syslog_gaps", device.missing, words)
            if device.out_of_order:
                words = f"{device.out_of_order:,} syslog messages {whose} came out of order and were put back by their numbers"
                rows.health("syslog_order", device.out_of_order, words)
            if device.repeated:
                rows.health("syslog_repeated", device.repeated, f"{device.repeated:,} syslog messages {whose} came twice; read once")

    def _content(self, record: Record, head: re.Match[str]) -> tuple[str, int | None]:
        """The syslog message's own text, and its time: the device's stamp, else what stands before it."""
        text = record.text[head.end() - head.start() :]
        stamps = list(self._stamp.finditer(text)) if self._stamp else []
        ts = None
        if stamps:
            stamp = stamps[-1]
            text = text[: stamp.start()].removesuffix(" ")
            ts = self._options.clock.micros(stamp["date"], stamp["time"])
        elif self._lead and (lead := self._lead.search(head["lead"])):
            ts = self._options.clock.micros(lead["date"] or "", lead["time"].replace(" ", ""), lead["zone"] or "")
        text = unescaped(text.removeprefix(" ").rstrip("\r\n"))
        return "\n".join(line.rstrip(" \t\r") if number else line for number, line in enumerate(_undented(text).split("\n"))), ts

    def _goes_on(self, text: str) -> bool:
        """Whether the last SIP message in the text lacks its end: headers without end, or less body than was told."""
        begins = list(self._carried.finditer(text)) if self._carried else []
        if not begins:
            return False
        last = text[begins[-1].end() :]
        end = re.search(r"\n[ \t]*\n|\nv=0\n", last)
        if end is None:
            return True
        told = re.search(r"^content-length[ \t]*:[ \t]*(\d+)", last, re.IGNORECASE | re.MULTILINE)
        body = last[end.end() if end[0] != "\nv=0\n" else end.start() + 1 :]
        return told is not None and len(body) + body.count("\n") + 2 < int(told[1])

    def _give_up_old(self, sequence: int, rows: Rows) -> None:
        if len(self._open) > 64:
            for session in [key for key, held in self._open.items() if held.sequence < sequence - 1]:
                self._rows(self._open.pop(session), rows)

    def _rows(self, held: _Open, rows: Rows) -> None:
        begins = list(self._carried.finditer(held.text)) if self._carried else []
        before = held.text[: begins[0].start()] if begins else held.text
        if not begins:
            self._event(held, before, rows)
        for begin, following in zip_longest(begins, begins[1:]):
            text = held.text[begin.end() : following.start() if following else len(held.text)]
            found = framed(text.lstrip(" \n"))
            if found is None or found.before.strip():
                rows.reject(held.record.line, 1, begin[0].strip(), "a SIP request line or status line after it")
                continue
            peer, own = place(begin["peer"], begin["peer_port"] or ""), self._own(begin)
            src, dst = (own, peer) if begin["way"] == "Outgoing" else (peer, own)
            rows.message(
                found.message.encode("latin-1"),
                line=held.record.line,
                offset=held.record.offset,
                ts=held.ts,
                src=src,
                dst=dst,
                transport=begin["transport"].lower(),
            )

    @staticmethod
    def _own(begin: re.Match[str]) -> Place:
        """The device's end: the log names its interface, not its address."""
        return (None, None, f"SIPInterface {begin['interface']}") if begin["interface"] else NOWHERE

    def _event(self, held: _Open, text: str, rows: Rows) -> None:
        lead = held.record.head["lead"] if held.record.head else ""
        if not text.strip() or not (_MATTERS.search(lead) or _MATTERS.search(text) or framed_header(text)):
            return
        level, call_id = _LEVEL.search(lead), _CALL_ID.search(text)
        rows.event(
            text.strip(),
            line=held.record.line,
            ts=held.ts,
            level=level[0].upper() if level else None,
            component=held.record.head["session"] if held.record.head else None,
            call_id=call_id[1] if call_id else None,
        )


def framed_header(text: str) -> bool:
    """Whether the text holds lines of SIP or SDP whose beginning is missing: worth keeping, though they make no message."""
    return bool(
        re.search(r"^[ \t]*(?:call-id|cseq|via|x-ms-\w+)[ \t]*:|^[ \t]*a=(?:candidate|rtpmap|crypto)", text, re.IGNORECASE | re.MULTILINE)
    )


def _undented(text: str) -> str:
    """Lines without the column of blanks that some viewers put before all but the first."""
    lines = text.split("\n")
    pads = [len(line) - len(line.lstrip(" ")) for line in lines[1:] if line.strip()]
    pad = min(pads, default=0)
    return "\n".join([lines[0], *(line[pad:] for line in lines[1:])]) if pad >= 8 else text
