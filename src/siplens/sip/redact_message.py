"""SIP with pseudonyms, byte for byte as long as it was: packets keep their size, Content-Length stays right.

What a header means is known for those that siplens and tshark read; the value of any other is blanked. So are bodies that are
neither SDP nor SIP, Digest responses, and the digits of INFO messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from siplens.sip.redact_sdp import redact_sdp_line
from siplens.sip.redact_words import Words, blank, known

START = re.compile(rb"(?:SIP/2\.0 \d{3}[^\r\n]*|[A-Z][A-Za-z!%*_+`'~.-]* [^\r\n]{1,4000}? SIP/2\.0)\r?\n")
"""A start line (RFC 3261 section 7)."""
_HEADER = re.compile(r"([A-Za-z0-9!%*_+`'~.-]+)([ \t]*:[ \t]*)(.*)", re.DOTALL)
_PIECE = re.compile(r"\"(?:\\.|[^\"\\])*\"?|<[^>]*>?|;[^;,<\"]*(?:\"[^\"]*\"?)?|[^\s,;<>\"]+|[\s,>]+", re.DOTALL)
_SENT_BY = re.compile(r"(SIP\s*/\s*2\.0\s*/\s*\S+\s+)([^;,\s]+)", re.IGNORECASE)
_CREDENTIAL = re.compile(r"(=\s*)(\"[^\"]*\"?|[^,\s]+)")
_LINE = re.compile(r"[^\r\n]+|[\r\n]+")
_SHORT = {
    "f": "from", "t": "to", "m": "contact", "v": "via", "i": "call-id", "r": "refer-to", "b": "referred-by", "c": "content-type",
    "l": "content-length", "k": "supported", "o": "event", "u": "allow-events", "e": "content-encoding", "x": "session-expires",
    "s": "subject",
}  # fmt: skip
_PEOPLE = known("people")
_TOKENS = known("tokens")
_CREDENTIALS = known("credentials")
_PLAIN, _KEPT = known("plain"), known("kept")


def redact_sip(raw: bytes, words: Words) -> bytes:
    """All messages in `raw`, one after another, and whatever is between them; of the same length."""
    out: list[str] = []
    at = 0
    while at < len(raw):
        found = START.match(raw, at)
        if found is None:
            end = raw.find(b"\n", at) + 1 or len(raw)
            out.append(_fragment(raw[at:end].decode("latin-1"), words))
            at = end
            continue
        head_end = _end_of_head(raw, found.end())
        head = raw[found.start() : head_end].decode("latin-1")
        text, headers = _head(head, words)
        out.append(text)
        length = headers.get("content-length", "").strip()
        end = min(len(raw), head_end + int(length)) if length.isdigit() and len(length) < 9 else len(raw)
        body = raw[head_end:end].decode("latin-1")
        out.append(redact_body(body, headers.get("content-type", ""), words, encoded=bool(headers.get("content-encoding"))))
        at = end
    made = "".join(out).encode("latin-1")
    if len(made) != len(raw):
        raise AssertionError("redaction changed the length of a message")
    return made


def _end_of_head(raw: bytes, at: int) -> int:
    ends = [place + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (place := raw.find(mark, at - 2)) >= 0]
    return min(ends, default=len(raw))


def _fragment(line: str, words: Words) -> str:
    """A line that no start line stands before: keep-alives, or the rest of a message whose beginning is missing."""
    text = line.rstrip("\r\n")
    if _HEADER.fullmatch(text):
        return _header(text, words)[0] + line[len(text) :]
    return (redact_sdp_line(text, words) if text[1:2] == "=" else blank(text)) + line[len(text) :]


def _head(head: str, words: Words) -> tuple[str, dict[str, str]]:
    """Start line and headers with pseudonyms, and the headers' values by their long names, as they were."""
    start, end, rest = re.split(r"(\r?\n)", head, maxsplit=1)
    values: dict[str, str] = {}
    out = [_start_line(start, words), end]
    for line in _unfolded(rest):
        text = line.rstrip("\r\n")
        if not text:
            out.append(line)
            continue
        changed, name, value = _header(text, words)
        values.setdefault(name, value)
        out.append(changed + line[len(text) :])
    return "".join(out), values


def _unfolded(text: str) -> Iterator[str]:
    """Header lines with their line ends; one that is continued comes as a whole."""
    return (found[0] for found in re.finditer(r"[^\n]*\n(?:[ \t]+[^\n]*\n)*|[^\n]+$", text))


def _start_line(line: str, words: Words) -> str:
    if line.startswith("SIP/2.0 "):
        return line[:12] + words.text(line[12:], any_host=True)
    method, space, rest = line.partition(" ")
    uri, gap, version = rest.rpartition(" ")
    return method + space + words.uri(uri) + gap + version


def _header(text: str, words: Words) -> tuple[str, str, str]:
    """(header with pseudonyms, its long name in lower case, its value as it was)."""
    found = _HEADER.fullmatch(text)
    if found is None:
        return blank(text), "", ""
    name = _SHORT.get(found[1].lower(), found[1].lower())
    return found[1] + found[2] + _value(name, found[3], words), name, found[3]


def _value(name: str, value: str, words: Words) -> str:
    if name in _PEOPLE:
        return "".join(_person(piece, words) for piece in _PIECE.findall(value))
    if name == "via":
        if not _SENT_BY.match(value):
            return words.text(value, any_host=True)  # broken
        sent = _SENT_BY.sub(lambda found: found[1] + words.host_port(found[2]), value)
        head, semicolon, params = sent.partition(";")
        return head + semicolon + ";".join(_via_param(part, words) for part in params.split(";"))
    if name in _TOKENS:
        return ";".join(
            part.partition("=")[0] + part.partition("=")[1] + words.pseudonyms.token(part.partition("=")[2])
            if "=" in part
            else words.pseudonyms.token(part)
            for part in value.split(";")
        )
    if name in _CREDENTIALS:
        return _CREDENTIAL.sub(lambda found: found[1] + blank(found[2]), value)
    if name in _PLAIN:
        return value
    if name in _KEPT or name.startswith(("ms-diagnostics", "ms-client-diagnostics", "x-ms-")):
        return words.text(value, any_host=True)
    return blank(value)


def _via_param(part: str, words: Words) -> str:
    """A parameter of Via; behind a comma may stand the next Via."""
    if "," not in part:
        return words.param(part)
    first, comma, rest = part.partition(",")
    return words.param(first) + comma + rest  # its sent-by is replaced already


def _person(piece: str, words: Words) -> str:
    """A piece of an address header: quoted name, URI in brackets, parameter, bare URI, word of a name."""
    first = piece[0]
    if first == '"':
        return f'"{words.display(piece[1:-1])}"' if len(piece) > 1 and piece[-1] == '"' else '"' + words.display(piece[1:])
    if first == "<":
        return f"<{words.uri(piece[1:-1])}>" if piece[-1] == ">" else "<" + words.uri(piece[1:])
    if first == ";":
        return ";" + words.param(piece[1:])
    if first.isspace() or first in ",>*":
        return piece
    return words.uri(piece) if re.match(r"[A-Za-z][\w+.-]*:", piece) else words.display(piece)


def redact_body(body: str, content_type: str, words: Words, *, encoded: bool = False) -> str:
    """A body of that Content-Type."""
    kind = content_type.partition(";")[0].strip().lower()
    if not encoded:
        if kind.startswith("multipart/"):
            return _multipart(body, words)
        if kind in ("application/sdp", "application/gw-sdp") or (not kind and body.startswith("v=0")):
            return _sdp(body, words)
        if kind in ("message/sipfrag", "message/sip"):
            return redact_sip(body.encode("latin-1"), words).decode("latin-1")
        if kind == "application/vq-rtcpxr":
            return "".join(part if part[0] in "\r\n" else words.text(part, any_host=True) for part in _LINE.findall(body))
        if kind in ("application/dtmf-relay", "application/dtmf"):
            return re.sub(r"(?i)(^|signal\s*=\s*)[0-9A-D*#]", lambda found: found[1] + "0", body)
    return blank(body)


def _sdp(body: str, words: Words) -> str:
    return "".join(part if part[0] in "\r\n" else redact_sdp_line(part, words) for part in _LINE.findall(body))


def _multipart(body: str, words: Words) -> str:
    """Parts by their boundary, which is any line that begins with two hyphens; each with its own headers."""
    out: list[str] = []
    for part in re.split(r"(?m)^(--[^\r\n]*\r?\n?)", body):
        if part.startswith("--"):
            out.append(part)
            continue
        head, blank_line, inner = part.partition("\r\n\r\n") if "\r\n\r\n" in part else part.partition("\n\n")
        lines, kind = [], ""
        for line in _unfolded(head):
            text = line.rstrip("\r\n")
            changed, name, value = _header(text, words) if text else (text, "", "")
            kind = value if name == "content-type" else kind
            lines.append(changed + line[len(text) :])
        out.append("".join(lines) + blank_line + redact_body(inner, kind, words))
    return "".join(out)
