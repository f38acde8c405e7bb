"""Pseudonyms inside text: URIs, host names, addresses, numbers, names that are known. Every function keeps the text's length."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from siplens.sip.pseudonyms import Pseudonyms


@cache
def _redaction() -> dict[str, list[str]]:
    return tomllib.loads(Path(__file__).with_name("redaction.toml").read_text(encoding="utf-8"))


def known(kind: str) -> frozenset[str]:
    """Names of one list of redaction.toml."""
    return frozenset(_redaction()[kind])


_URI = re.compile(r"\b(sips?|tel|pres|im|mailto|xmpp|h323):([^\s<>\"',]+)", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+%-])([\w.+%-]+)@([\w.-]+\w)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])\[?([0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:\d{1,3}(?:\.\d{1,3}){3})?)\]?(?![\w:])")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)")
_FULL_HOST = re.compile(r"(?<![\w.@-])(?:[\w-]+\.)+[A-Za-z]{2,}(?![\w-]|\.\w)", re.ASCII)
_LONG_NUMBER = re.compile(r"(?<![\w.:#-])\+?\d{6,}(?![\w]|[.:-]\w)", re.ASCII)
_WORD = re.compile(r"[^\s<>\"'`,;:()\[\]{}|=→]+")
_SECRET = re.compile(r"[A-Za-z0-9\x80-\uffff]")
_SEEN_HERE = frozenset({"rtp", "sdp", "rtcp", "client", "peer", "gateway", "server", "mediation", "user", "phone", "unknown", "call"})
"""Words of siplens' own sentences: somebody of this name keeps it in sentences."""

_PLAIN_PARAMS = known("params")


class Words:
    """Rewrites text under one key. `known`: names and hosts, lower case, that are replaced wherever they stand as a word."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self.pseudonyms = pseudonyms
        self.names: set[str] = set()
        self.hosts: set[str] = set()

    def learn(self, names: Iterable[str], hosts: Iterable[str]) -> None:
        """Names (also numbers too short to be told from others) and hosts of these calls."""
        for name in names:
            self.names.update(word.lower() for word in (name, *_WORD.findall(name)) if len(word) > 2 and not word.isdigit())
            self.names -= _SEEN_HERE
        self.hosts.update(host.lower() for host in hosts if host)

    def text(self, text: str, *, any_host: bool = False) -> str:
        """Running text. `any_host`: whatever looks like a full host name is one; else only those that are known, or in a known domain."""
        p = self.pseudonyms
        text = _replaced(_URI, text, lambda found: f"{found[1]}:{self.uri_rest(found[2], found[1])}")
        text = _replaced(_MAIL, text, lambda found: f"{p.name(found[1])}@{p.host(found[2])}", skip="sip:")
        text = _replaced(_IPV6, text, lambda found: found[0].replace(found[1], p.address(found[1]) or found[1]))
        text = _replaced(_IPV4, text, lambda found: p.address(found[0]) or found[0])
        text = _replaced(_FULL_HOST, text, lambda found: p.host(found[0]) if any_host or self._is_known_host(found[0]) else found[0])
        text = _replaced(_LONG_NUMBER, text, lambda found: p.digits(found[0]))
        if self.names or self.hosts:
            text = _WORD.sub(self._known_word, text)
        return text.replace(_OPEN, "").replace(_CLOSE, "")

    def _known_word(self, found: re.Match[str]) -> str:
        word = found[0]
        if _OPEN in word:
            return word
        bare = word.rstrip(".!?").lower()
        if bare in self.hosts:
            return self.pseudonyms.host(word.rstrip(".!?")) + word[len(bare) :]
        return self.pseudonyms.name(word.rstrip(".!?")) + word[len(bare) :] if bare in self.names else word

    def _is_known_host(self, name: str) -> bool:
        labels = name.lower().split(".")
        return any(".".join(labels[number:]) in self.hosts for number in range(len(labels) - 1))

    def uri(self, text: str) -> str:
        """A URI, with its parameters and headers."""
        scheme, colon, rest = text.partition(":")
        if not colon or not scheme.isalnum():
            return self.text(text, any_host=True)
        return f"{scheme}:{self.uri_rest(rest, scheme)}"

    def uri_rest(self, rest: str, scheme: str) -> str:
        """What stands behind the scheme."""
        address, question, headers = rest.partition("?")
        user, at, host = address.rpartition("@")
        if not at and scheme.lower() == "tel":
            number, semicolon, params = address.partition(";")
            return self.pseudonyms.name(number) + semicolon + self.params(params) + question + self.headers(headers)
        host, semicolon, params = host.partition(";")
        return (
            (self.user(user) + at if at else "") + self.host_port(host) + semicolon + self.params(params) + question + self.headers(headers)
        )

    def user(self, text: str) -> str:
        """The user part: name or number, parameters of the number, password."""
        named, colon, password = text.partition(":")
        name, semicolon, params = named.partition(";")
        return self.pseudonyms.name(name) + semicolon + self.params(params) + colon + blank(password)

    def host_port(self, text: str) -> str:
        """A host or address with or without a port."""
        if text.startswith("["):
            inside, bracket, port = text[1:].partition("]")
            return f"[{self.pseudonyms.host(inside)}{bracket}{port}"
        host, colon, port = text.partition(":")
        return (self.pseudonyms.host(host) if host else "") + colon + port

    def params(self, text: str) -> str:
        """Parameters of a URI or header, parted by semicolons."""
        return ";".join(self.param(part) for part in text.split(";")) if text else text

    def param(self, text: str) -> str:
        """One parameter; what is not known to be harmless is replaced."""
        name, equals, value = text.partition("=")
        key = name.strip().lower()
        if not equals or key in _PLAIN_PARAMS:
            return text
        if key in ("maddr", "received", "phone-context", "x-bypassid-host", "source", "host"):
            return name + equals + (self.pseudonyms.name(value) if value.startswith("+") else self._quoted(value, self.host_port))
        if key == "opaque":
            *kept, last = value.split(":")
            return name + equals + ":".join([*kept, self.pseudonyms.token(last)])
        if value.startswith('"<urn:uuid:'):
            return name + equals + value[:11] + self.pseudonyms.token(value[11:])
        return name + equals + self._quoted(value, self.pseudonyms.token)

    @staticmethod
    def _quoted(value: str, change: Callable[[str], str]) -> str:
        if len(value) > 1 and value[0] == value[-1] == '"':
            return f'"{change(value[1:-1])}"'
        space = value[: len(value) - len(value.lstrip())]
        return space + change(value.strip()) + value[len(value.rstrip()) :] if value.strip() else value

    def headers(self, text: str) -> str:
        """Headers in a URI, such as ?Replaces=…"""
        return "&".join(self._header(part) for part in text.split("&")) if text else text

    def _header(self, text: str) -> str:
        name, equals, value = text.partition("=")
        pieces = re.split(r"(%3[Bb])", value)
        return name + equals + "".join(piece if piece.lower() == "%3b" else self._escaped(piece) for piece in pieces)

    def _escaped(self, piece: str) -> str:
        name, equals, value = re.split(r"(%3[Dd])", piece, maxsplit=1) if re.search("%3[Dd]", piece) else ("", "", piece)
        made = self.pseudonyms.token(value.replace("%40", "@"))
        return name + equals + (made.replace("@", "%40") if "%40" in value else made)

    def display(self, text: str) -> str:
        """A display name, word by word."""
        return re.sub(r"[^\s\"\\]+", lambda found: self.pseudonyms.name(found[0]), text)


_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand around what was replaced, so that it is not replaced again; both are of the private use area."""


def _replaced(pattern: re.Pattern[str], text: str, change: Callable[[re.Match[str]], str], skip: str = "") -> str:
    """Changes what matches outside of what was changed before."""
    parts = re.split(f"({_OPEN}[^{_CLOSE}]*{_CLOSE})", text)
    return "".join(part if part.startswith(_OPEN) else pattern.sub(lambda found: _marked(found[0], change(found)), part) for part in parts)


def _marked(before: str, after: str) -> str:
    return f"{_OPEN}{after}{_CLOSE}" if after != before else before


def blank(text: str) -> str:
    """The text with every letter and digit as x."""
    return _SECRET.sub("x", text)
