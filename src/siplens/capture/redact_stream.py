"""TCP with pseudonyms: the bytes of a direction are put together, rewritten as SIP, WebSocket or HEP, and taken apart again.

Every byte keeps its place, so that sequence numbers hold; bytes that were never captured stay a gap, and what follows one is
rewritten line by line, default blank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from siplens.capture import hep
from siplens.capture.redact_payload import is_sip, redact_hep
from siplens.sip.redact_message import START, redact_sip
from siplens.sip.redact_words import Words, blank

Way = tuple[bytes, int, bytes, int]
"""Source and destination, addresses packed, as they are in the packets."""
_HALF = 1 << 31
_HTTP = re.compile(rb"(?:GET [^\r\n]* HTTP/1\.1|HTTP/1\.1 \d{3}[^\r\n]*)\r\n")
_KEPT_HTTP = ("upgrade", "connection", "sec-websocket-protocol", "sec-websocket-version", "sec-websocket-key", "sec-websocket-accept")


@dataclass(slots=True)
class _Direction:
    first: int
    """Sequence number that offsets count from."""
    pieces: dict[int, bytes] = field(default_factory=dict)
    """Payloads by offset; of those sent again the longest."""
    done: dict[int, bytes] = field(default_factory=dict)
    """Runs of bytes without a gap, rewritten, by offset."""


class Streams:
    """All TCP directions of one capture."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._directions: dict[Way, _Direction] = {}
        self._finished = False

    def learn(self, way: Way, sequence: int, payload: bytes) -> None:
        """Takes one segment."""
        if not payload:
            return
        direction = self._directions.setdefault(way, _Direction(sequence))
        offset = _signed(sequence - direction.first)
        if len(payload) > len(direction.pieces.get(offset, b"")):
            direction.pieces[offset] = payload

    def payload(self, way: Way, sequence: int, length: int) -> bytes | None:
        """What the segment carries now; None where it cannot be rewritten, as TLS, or was never learnt."""
        if not self._finished:
            self._finish()
        direction = self._directions.get(way)
        if direction is None:
            return None
        offset = _signed(sequence - direction.first)
        for start, run in direction.done.items():
            if start <= offset and offset + length <= start + len(run):
                return run[offset - start : offset - start + length]
        return None

    def _finish(self) -> None:
        self._finished = True
        for direction in self._directions.values():
            for start, run in _runs(direction.pieces):
                changed = _rewritten(run, self._words)
                if changed is not None:
                    direction.done[start] = changed


def _signed(difference: int) -> int:
    return (difference + _HALF) % (2 * _HALF) - _HALF


def _runs(pieces: dict[int, bytes]) -> list[tuple[int, bytes]]:
    """Runs of bytes without a gap."""
    runs: list[tuple[int, bytearray]] = []
    for offset in sorted(pieces):
        payload = pieces[offset]
        if runs and offset <= runs[-1][0] + len(runs[-1][1]):
            start, run = runs[-1]
            run += payload[start + len(run) - offset :] if start + len(run) > offset else payload
        else:
            runs.append((offset, bytearray(payload)))
    return [(start, bytes(run)) for start, run in runs]


def _rewritten(run: bytes, words: Words) -> bytes | None:
    """A run of bytes; None for TLS, which nobody can change without its keys."""
    if run[:1] in (b"\x14", b"\x15", b"\x16", b"\x17") and run[1:2] == b"\x03":
        return None
    if (found := _HTTP.match(run)) is not None:
        end = run.find(b"\r\n\r\n", found.start()) + 4
        if end < 4:
            return blank(run.decode("latin-1")).encode("latin-1")
        return _http(run[:end]) + _frames(run[end:], words)
    if hep.begins(run) or hep.find(run) >= 0:
        return _copies(run, words)
    if is_sip(run) or (START.search(run) is not None and run[0] & 0x70):
        return redact_sip(run, words)
    if run[0] & 0x70 == 0 and run[0] & 15 in (0, 1, 2, 8, 9, 10):
        return _frames(run, words)
    return redact_sip(run, words) if _is_text(run) else bytes(len(run))


def _copies(run: bytes, words: Words) -> bytes:
    """HEP packets; what comes before the first, and what does not frame, becomes zeros."""
    out = bytearray()
    while len(out) < len(run):
        at = len(out)
        if not hep.begins(run[at : at + hep.HEADER]):
            following = hep.find(run, at)
            out += bytes((following if following >= 0 else len(run)) - at)
            continue
        packet = run[at : at + (hep.length(run[at : at + hep.HEADER]) or len(run))]
        out += redact_hep(packet, words)
    return bytes(out)


def _is_text(run: bytes) -> bool:
    return not any(byte < 9 or 13 < byte < 32 for byte in run[:256])


def _http(head: bytes) -> bytes:
    """Head of the upgrade to WebSocket: what it takes to recognise it stays."""
    lines = head.decode("latin-1").split("\r\n")
    made = lines[:1]
    if lines[0].startswith("GET "):
        path, _, version = lines[0][4:].rpartition(" ")
        made = [f"GET {blank(path)} {version}"]
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        made.append(line if name.lower() in _KEPT_HTTP else name + colon + blank(value))
    return "\r\n".join(made).encode("latin-1")


def _frames(run: bytes, words: Words) -> bytes:
    """WebSocket frames (RFC 6455 5.2), whose payload is a SIP message each; what does not frame becomes zeros."""
    out = bytearray()
    at = 0
    while at + 2 <= len(run):
        opcode, length, masked = run[at] & 15, run[at + 1] & 0x7F, bool(run[at + 1] & 0x80)
        head = 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            length, head = int.from_bytes(run[at + 2 : at + 2 + wide], "big"), 2 + wide
        mask = run[at + head : at + head + 4] if masked else b""
        start = at + head + len(mask)
        content = run[start : start + length]
        plain = _masked(content, mask)
        changed = redact_sip(plain, words) if opcode in (0, 1, 2) else bytes(len(plain)) if opcode > 8 else plain
        out += run[at:start] + _masked(changed, mask)
        at = start + len(content)
        if len(content) < length:
            break
    return bytes(out) + bytes(len(run) - len(out))


def _masked(content: bytes, mask: bytes) -> bytes:
    if not mask:
        return content
    return bytes(byte ^ mask[number % 4] for number, byte in enumerate(content))
