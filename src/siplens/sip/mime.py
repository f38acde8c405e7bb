"""MIME bodies taken apart: the parts that hold SDP or a quality report (RFC 2046, RFC 5621).

Depth and number of parts are bounded. Part numbers count all leaves, from 0, in order.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from typing import NamedTuple

from siplens.sip.layout import ODD_SDP_BODY, OTHER_BODY, QUALITY_BODY
from siplens.sip.secrets_cut import CUT, cut_keys

_DEPTH = 4
_LEAVES = 64
_BOUNDARY = re.compile(rb'(?i);[ \t]*boundary[ \t]*=[ \t]*(?:"([^"\r\n]+)"|([^\s;,"]+))')
_BYPASS_ID = re.compile(rb'(?i);[ \t]*x-bypassid[ \t]*=[ \t]*"?([^";,\s]+)')
_HEADER = re.compile(rb"(?im)^([\w-]+)[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)")
_END_OF_HEADERS = re.compile(rb"\A\r?\n|\n\r?\n")


class Part(NamedTuple):
    """A leaf of a body."""

    number: int
    kind: int
    """One of layout.OTHER_BODY, ODD_SDP_BODY, QUALITY_BODY."""
    content_type: str
    """Type alone, lower case."""
    bypass_id: str | None
    is_fallback: bool
    content: bytes
    """Decoded, and without keys."""


class Apart(NamedTuple):
    """A body taken apart."""

    body: bytes
    """The body as it was, but for base64 parts that hold keys: those are cut."""
    parts: tuple[Part, ...]
    is_whole: bool
    """False where a boundary was missing or bounds were reached."""


def media_type(content_type: bytes) -> str:
    """Type and subtype of a Content-Type value, lower case."""
    return content_type.split(b";")[0].strip().decode("utf-8", "replace").lower()


def bypass_parameter(content_type: bytes) -> str | None:
    """The parameter x-bypassid of a Content-Type value, lower case. Its place is unconfirmed (DOMAIN 2.1)."""
    found = _BYPASS_ID.search(content_type)
    return found.group(1).decode("utf-8", "replace").lower() if found else None


def body_kind(kind: str) -> int:
    """What a media type means for us."""
    if "sdp" in kind:
        return ODD_SDP_BODY
    return QUALITY_BODY if "vq-rtcpxr" in kind else OTHER_BODY


def take_apart(content_type: bytes, encoding: bytes, body: bytes) -> Apart:
    """The SDP and quality parts of a body, whether multipart or not. `encoding`: Content-Transfer-Encoding, b"" for none."""
    leaves: list[tuple[dict[bytes, bytes], bytes]] = []
    is_whole = _leaves({b"content-type": content_type, b"content-transfer-encoding": encoding}, body, 0, leaves)
    parts = []
    for number, (headers, content) in enumerate(leaves):
        kind = media_type(headers.get(b"content-type", b""))
        raw = content
        if headers.get(b"content-transfer-encoding", b"").strip().lower() == b"base64":
            content = _decoded(content)
            if cut_keys(content) != content:
                body = body.replace(raw.strip(), CUT)
        if body_kind(kind) != OTHER_BODY:
            fallback = b"ms-proxy-2007fallback" in headers.get(b"content-disposition", b"").lower()
            text = _as_utf8(cut_keys(content))
            parts.append(Part(number, body_kind(kind), kind, bypass_parameter(headers.get(b"content-type", b"")), fallback, text))
    if not any(part.kind == ODD_SDP_BODY and not part.is_fallback for part in parts):
        parts = [part._replace(is_fallback=False) for part in parts]
    return Apart(body, tuple(parts), is_whole)


def _leaves(headers: dict[bytes, bytes], content: bytes, depth: int, leaves: list[tuple[dict[bytes, bytes], bytes]]) -> bool:
    """Appends the leaves below one part; False where something was missing or too much."""
    content_type = headers.get(b"content-type", b"")
    if not content_type.strip().lower().startswith(b"multipart/"):
        leaves.append((headers, content))
        return True
    named = _BOUNDARY.search(content_type)
    if named is None or depth == _DEPTH:
        return False
    boundary = re.escape(named.group(1) or named.group(2))
    pieces = re.split(rb"(?:\A|\r?\n)--" + boundary + rb"(--)?[ \t]*(?:\r?\n|\Z)", content)
    is_whole = len(pieces) >= 5 and b"--" in pieces[1::2]
    for closed, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if closed:
            break
        if len(leaves) >= _LEAVES:
            return False
        end = _END_OF_HEADERS.search(piece)
        head, inner = (piece[: end.start()], piece[end.end() :]) if end else (piece, b"")
        inner_headers = {name.lower(): re.sub(rb"\r?\n[ \t]+", b" ", value).strip() for name, value in _HEADER.findall(head)}
        is_whole &= _leaves(inner_headers, inner, depth + 1, leaves)
    return is_whole


def _decoded(content: bytes) -> bytes:
    try:
        return b64decode(content)
    except binascii.Error:
        return content


def _as_utf8(content: bytes) -> bytes:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1").encode("utf-8")
    return content
