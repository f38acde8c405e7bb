"""SDP by its grammar: m-lines and candidates from the tree of grammars/sdp.lark. Slow and strict; the oracle for `scan_sdp`."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from siplens.resources import grammar_text
from siplens.sip import static_codecs
from siplens.sip.sdp import canonical_address

_FIELDS = {"fingerprint": "fingerprint", "ice-ufrag": "ice_ufrag", "x-bypassid": "bypass_id", "x-mediasettings": "media_settings"}
_WORDS = ("WORD", "NUMBER", "DECIMAL", "TYP")
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
_INHERITED = ("address", "fingerprint", "ice_ufrag", "bypass_id", "media_settings", "direction", "ice_lite")

Row = dict[str, Any]


class NotSdpError(ValueError):
    """A line of the text is not as the grammar says."""


@cache
def _parser() -> Lark:
    return Lark(grammar_text("sdp"), parser="lalr", start="session", maybe_placeholders=False)


def read_sdp(text: str) -> tuple[list[Row], list[Row]]:
    """Rows of `sdp_media` and of `ice_candidate`, without message and part. Raises NotSdpError where a line that matters is broken."""
    try:
        tree = _parser().parse(re.sub(r"[ \t\r]+\n", "\n", text + "\n"))
    except UnexpectedInput as error:
        raise NotSdpError(str(error)) from error
    session: Row = {}
    media: list[Row] = []
    candidates: list[Row] = []
    for line in tree.children:
        assert isinstance(line, Tree)
        content = line.children[0]
        if isinstance(content, Tree):
            _line(content, session, media, candidates)
    for row in media:
        row |= {key: session.get(key) for key in _INHERITED if key not in row}
        row |= {"origin_address": session.get("origin_address"), "session_version": session.get("session_version")}
        row["direction"] = row["direction"] or "sendrecv"
        row["ice_lite"] = bool(row["ice_lite"])
        row["codecs"] = [_codec(row, payload) for payload in row["payload_types"]]
        del row["maps"]
    return media, candidates


def _line(content: Tree[Token], session: Row, media: list[Row], candidates: list[Row]) -> None:
    section = media[-1] if media else session
    words = _words(content)
    if content.data == "media":
        media.append(_media(words, len(media)))
    elif content.data == "origin":
        session["session_version"], session["origin_address"] = words[2], canonical_address(words[5])
    elif content.data == "connection":
        if words[2].startswith("/"):
            raise NotSdpError("address")
        section.setdefault("address", canonical_address(words[2].partition("/")[0]))
    elif content.data == "field":
        name, _, value = "".join(str(token) for token in content.children).removeprefix("a=").partition(":")
        value = value.strip(" \t")
        section[_FIELDS[name]] = value.lower() if name == "x-bypassid" else value
    elif content.data == "flag":
        _flag(str(content.children[0]).removeprefix("a="), section, bool(media))
    elif content.data == "candidate":
        candidates.append(_candidate(content, max(len(media) - 1, 0)))
    elif media:
        _of_media(content.data, words, section)


def _of_media(kind: str, words: list[str], section: Row) -> None:
    if kind == "rtpmap":
        if int(words[0]) > 127:
            raise NotSdpError("rtpmap")
        section["maps"][int(words[0])] = words[1]
    elif kind == "crypto":
        section["crypto_suites"].append(words[1])
    elif kind == "cryptoscale":
        section["crypto_suites"].append(words[2])
    elif kind == "rtcp":
        section["rtcp_port"] = int(words[0])
        if section["rtcp_port"] > 65535:
            raise NotSdpError("rtcp")
    elif kind == "ptime":
        section["ptime_ms"] = int(float(words[0]))


def _words(tree: Tree[Token]) -> list[str]:
    return [str(token) for token in tree.scan_values(lambda token: isinstance(token, Token) and token.type in _WORDS)]


def _media(words: list[str], index: int) -> Row:
    port = words[1].partition("/")[0]
    if not port.isdigit() or int(port) > 65535:
        raise NotSdpError("port")
    return {
        "m_index": index,
        "media": words[0],
        "port": int(port),
        "proto": words[2],
        "payload_types": words[3:],
        "maps": {},
        "crypto_suites": [],
        "rtcp_port": None,
        "rtcp_mux": False,
        "ptime_ms": None,
    }


def _flag(name: str, section: Row, in_media: bool) -> None:
    if name in _DIRECTIONS:
        section["direction"] = name
    elif name == "ice-lite":
        section["ice_lite"] = True
    elif in_media:
        section["rtcp_mux"] = True


def _codec(row: Row, payload: str) -> str | None:
    if not payload.isdigit():
        return payload
    number = int(payload)
    if number in row["maps"]:
        return str(row["maps"][number])
    return static_codecs.NAMES.get(number) if row["proto"].lower().startswith("rtp/") else None


def _candidate(content: Tree[Token], index: int) -> Row:
    form = next(child for child in content.children if isinstance(child, Tree))
    words = _words(form)
    foundation, component, transport, priority, address, port = words[:6] if form.data == "rfc5245" else (words[:2] + words[3:7])
    if int(port) > 65535 or int(component) > 256:
        raise NotSdpError("candidate")
    more = dict(zip(words[8::2], words[9::2], strict=False)) if form.data == "rfc5245" else {}
    related = more.get("rport")
    return {
        "m_index": index,
        "form": form.data,
        "foundation": foundation,
        "component": int(component),
        "transport": transport.lower(),
        "priority": float(priority),
        "address": canonical_address(address),
        "port": int(port),
        "type": words[7] if form.data == "rfc5245" else None,
        "related_address": canonical_address(more["raddr"]) if "raddr" in more else None,
        "related_port": int(related) if related and related.isdigit() and int(related) < 65536 else None,
    }
