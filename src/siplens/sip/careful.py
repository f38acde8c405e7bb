"""The careful path: messages that cannot be stored byte by byte are rewritten, then scanned like the others.

Folded lines are joined (RFC 3261 7.3.1), text that is not UTF-8 is read as latin-1 so that every byte survives, secrets are cut,
multipart bodies are taken apart.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from siplens.sip.layout import BAD_HEADER_LINE, BAD_MULTIPART, FOLDED, NOT_UTF8, NOT_UTF8_TEXT, PARTS, SECRETS
from siplens.sip.mime import Part, take_apart
from siplens.sip.secrets_cut import cut_keys, cut_proofs

_FOLD = re.compile(rb"(?<![ \t])[ \t]*\r?\n[ \t]+")  # looked for once a run of spaces: a long one must not cost its square
_CONTENT_TYPE = re.compile(rb"(?im)^(?:content-type|c)[ \t]*:[ \t]*([^\r\n]*)")
_ENCODING = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:[ \t]*([^\r\n]*)")
_END_OF_HEADERS = re.compile(rb"\n\r?\n")


class Rewritten(NamedTuple):
    """A message as it is stored, in UTF-8."""

    text: bytes
    body_bytes: int
    """Bytes of body in the message as it came."""
    is_latin: bool
    problems: int
    parts: tuple[Part, ...]
    """SDP and quality parts, where the body had to be taken apart."""


def rewrite(message: bytes, needs: int) -> Rewritten:
    """Rewrites one message. needs: bits of layout.NOT_UTF8, FOLDED, SECRETS, PARTS, as the scan found them."""
    message = message.lstrip(b"\r\n")
    end = _END_OF_HEADERS.search(message)
    split = end.end() if end else len(message)
    body_bytes = len(message) - split
    problems = 0
    head, body = message[:split], message[split:]
    if needs & NOT_UTF8:
        problems |= NOT_UTF8_TEXT
        head, body = (text.decode("latin-1").encode("utf-8") for text in (head, body))
    if needs & FOLDED:
        head, is_sound = _unfolded(head)
        problems |= 0 if is_sound else BAD_HEADER_LINE
    parts: tuple[Part, ...] = ()
    if needs & PARTS:
        content_type = _CONTENT_TYPE.search(head)
        encoding = _ENCODING.search(head)
        apart = take_apart(content_type.group(1) if content_type else b"", encoding.group(1) if encoding else b"", body)
        body, parts = apart.body, apart.parts
        problems |= 0 if apart.is_whole else BAD_MULTIPART
    if needs & SECRETS:
        head, body = cut_proofs(head), cut_proofs(cut_keys(body))
    return Rewritten(head + body, body_bytes, bool(needs & NOT_UTF8), problems, parts)


def _unfolded(head: bytes) -> tuple[bytes, bool]:
    """Joins folded lines. False where the line after the start line begins with spaces: it is taken for a header of its own."""
    first, newline, rest = head.partition(b"\n")
    last = len(rest.rstrip(b"\r\n"))
    return first + newline + _FOLD.sub(b" ", rest[:last].lstrip(b" \t")) + rest[last:], not rest.startswith((b" ", b"\t"))
