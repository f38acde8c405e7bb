"""SIP legs: one Call-ID between two parties. Fills the mechanical headers of readable SIP text.

Text is dedented; `{names}` are filled, also within filled text; lines end in CRLF. Names that are always there:

    {head}      request: Via, Max-Forwards, From, To, Call-ID, CSeq; response: what it copies (RFC 3261 8.2.6.2)
    {branch} {cseq} {invite_cseq} {call_id} {from_tag} {to_tag}

Content-Length is appended where the text has none.
"""

from __future__ import annotations

import hashlib
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from trace_writer.hosts import Host

HOP_S = 0.002
"""Seconds that a proxy takes."""


class Sink(Protocol):
    """Where messages go: a Capture or a ServerLog."""

    def sip(self, at: float, src: Host, src_port: int, dst: Host, dst_port: int, transport: str, *messages: bytes) -> None: ...


@dataclass(frozen=True)
class Party:
    """One end of a leg. `tag`: of From as caller, of To as callee unless a message gives another.

    capitals: header names in capitals, as UCMA components write them. via_branch: False leaves the branch out of its
    own Via, as Lync clients do.
    """

    host: Host
    port: int
    uri: str
    tag: str
    display: str = ""
    epid: str = ""
    capitals: bool = False
    via_branch: bool = True


@dataclass(frozen=True)
class Proxy:
    """A server between the parties that stays in the route: the port it listens on, and the one it sends from."""

    host: Host
    listens: int
    sends: int


@dataclass
class Leg:
    """A SIP session under one Call-ID. With `proxy`, each message is seen on two hops: caller—proxy, proxy—callee.

    sinks and transports: one entry per hop, in the caller's direction.
    """

    call_id: str
    caller: Party
    callee: Party
    sinks: Sequence[Sequence[Sink]]
    transports: Sequence[str] = ("tcp",)
    proxy: Proxy | None = None
    names: dict[str, str] = field(default_factory=dict)
    to_tag: str | None = None
    _confirmed: bool = False
    _cseq: dict[str, int] = field(default_factory=lambda: {"caller": 0, "callee": 0})
    _pending: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    _last_request: dict[str, str] = field(default_factory=dict)
    _invite: dict[str, tuple[int, str, int]] = field(default_factory=dict)
    _branches: int = 0

    def request(self, at: float, sender: Party, text: str, *, to_tag: str | None = None, **names: str) -> str:
        """Send a request. to_tag: the dialog, where it is not that of the last response. Returns the text as sent."""
        text = textwrap.dedent(text).strip("\n")
        method, side = text.split(" ", 1)[0], self._side(sender)
        other = self.callee if side == "caller" else self.caller
        number, branch, final = self._invite.get(side, (0, "", 0))
        if method not in ("ACK", "CANCEL"):
            self._cseq[side] += 1
            number = self._cseq[side]
        if method not in ("CANCEL", "ACK") or (method == "ACK" and final < 300):
            branch = self._branch(side)
        if method == "INVITE":
            self._invite[side] = (number, branch, 0)
        fresh = method == "CANCEL" or (method == "INVITE" and not self._confirmed)
        tag = to_tag or (None if fresh else self.to_tag)
        tags = (sender.tag, tag) if side == "caller" else (tag or sender.tag, other.tag)
        own_branch = f";branch={branch}" if sender.via_branch else ""
        head = [
            ("Via", f"SIP/2.0/{self._transport(side, 0).upper()} {sender.host.ip}:{sender.port}{own_branch}"),
            ("Max-Forwards", "70"),
            ("From", _address(sender, tags[0])),
            ("To", _address(other, tags[1])),
            ("Call-ID", self.call_id),
            ("CSeq", f"{number} {method}"),
        ]
        lines = self._fill(text, sender, head, branch=branch, cseq=str(number), invite_cseq=str(self._number("caller")), **names)
        self._last_request[side] = method
        return self._travel(at, side, method, lines)

    def response(self, at: float, sender: Party, text: str, *, to: str | None = None, to_tag: str | None = None, **names: str) -> str:
        """Answer the other side's last request, or its last one of the method `to`. to_tag: the dialog.

        Returns the text as sent.
        """
        text = textwrap.dedent(text).strip("\n")
        status, side = int(text.split(" ", 2)[1]), self._side(sender)
        asker = "callee" if side == "caller" else "caller"
        method = to or self._last_request[asker]
        request = self._pending[asker, method]
        head = []
        for name, value in (line.split(":", 1) for line in request):
            if name.lower() == "to" and ";tag=" not in value and status > 100:
                tag = to_tag or sender.tag
                value += f";tag={tag}"
                self.to_tag = tag if method == "INVITE" else self.to_tag
            if name.lower() != "record-route" or (method == "INVITE" and 100 < status < 300):
                head.append((name, value.strip()))
        if method == "INVITE" and status >= 200:
            number, branch, _ = self._invite[asker]
            self._invite[asker] = (number, branch, status)
            self._confirmed |= status < 300
        return self._travel(at, side, None, self._fill(text, sender, head, invite_cseq=str(self._number("caller")), **names))

    def _travel(self, at: float, side: str, method: str | None, lines: list[str]) -> str:
        """Send the message over the hops. A proxy adds its Via to a request and takes it off a response."""
        sent = _joined(lines)
        hops = self._hops() if side == "caller" else [(b, a, t, s) for a, b, t, s in reversed(self._hops())]
        for number, (src, dst, transport, sinks) in enumerate(hops):
            if number:
                at += HOP_S
                lines = self._proxied(lines, method, transport, src)
            for sink in sinks:
                sink.sip(at, src[0], src[1], dst[0], dst[1], transport, _joined(lines).encode())
        if method:
            kept = {"via", "from", "to", "call-id", "cseq", "record-route"}
            head = lines[1 : lines.index("")]
            self._pending[side, method] = [line for line in head if line.split(":", 1)[0].lower() in kept]
        return sent

    def _proxied(self, lines: list[str], method: str | None, transport: str, proxy: tuple[Host, int]) -> list[str]:
        place = next(n for n, line in enumerate(lines) if line.lower().startswith("via:"))
        if method is None:
            return lines[:place] + lines[place + 1 :]
        via = f"Via: SIP/2.0/{transport.upper()} {proxy[0].ip}:{proxy[1]};branch={self._branch('proxy')};branched=FALSE"
        route = f"Record-Route: <sip:{proxy[0].fqdn or proxy[0].ip};transport={transport};lr>"
        added = [route, via] if method == "INVITE" else [via]
        lines = [re.sub("^(Max-Forwards: )70$", r"\g<1>69", line, flags=re.IGNORECASE) for line in lines]
        return lines[:place] + added + lines[place:]

    def _hops(self) -> list[tuple[tuple[Host, int], tuple[Host, int], str, Sequence[Sink]]]:
        caller, callee = (self.caller.host, self.caller.port), (self.callee.host, self.callee.port)
        if self.proxy is None:
            return [(caller, callee, self.transports[0], self.sinks[0])]
        inner, outer = (self.proxy.host, self.proxy.listens), (self.proxy.host, self.proxy.sends)
        return [
            (caller, inner, self.transports[0], self.sinks[0]),
            (outer, callee, self.transports[1], self.sinks[1]),
        ]

    def _fill(self, text: str, sender: Party, head: list[tuple[str, str]], **names: str) -> list[str]:
        known = {
            "call_id": self.call_id, "from_tag": self.caller.tag, "to_tag": self.to_tag or "",
            "head": "\n".join(f"{name.upper() if sender.capitals else name}: {value}" for name, value in head),
            **self.names, **names,
        }  # fmt: skip

        def value(match: re.Match[str]) -> str:
            if match[1] not in known:
                raise KeyError(f"{{{match[1]}}} in {text.splitlines()[0]!r} has no value; known: {', '.join(sorted(known))}")
            return textwrap.dedent(known[match[1]]).strip("\n")

        for _ in range(4):
            text = re.sub(r"\{([a-z_]+)\}", value, text)
        headers, _, body = text.partition("\n\n")
        lines = headers.splitlines()
        if not any(re.match(r"(content-length|l)\s*:", line, re.IGNORECASE) for line in lines):
            length = len(body.rstrip("\n").replace("\n", "\r\n").encode()) + 2 if body.strip() else 0
            lines.append(f"{'CONTENT-LENGTH' if sender.capitals else 'Content-Length'}: {length}")
        return [*lines, "", *(body.rstrip("\n").split("\n") if body.strip() else [])]

    def _side(self, sender: Party) -> str:
        return "caller" if sender is self.caller else "callee"

    def _transport(self, side: str, hop: int) -> str:
        return self.transports[hop if side == "caller" else -1 - hop]

    def _number(self, side: str) -> int:
        return self._invite.get(side, (0, "", 0))[0]

    def _branch(self, who: str) -> str:
        self._branches += 1
        return "z9hG4bK" + hashlib.md5(f"{self.call_id}|{who}|{self._branches}".encode()).hexdigest()[:12].upper()


def _address(party: Party, tag: str | None) -> str:
    display = f'"{party.display}"' if party.display else ""
    return f"{display}<{party.uri}>" + (f";tag={tag}" if tag else "") + (f";epid={party.epid}" if party.epid else "")


def _joined(lines: list[str]) -> str:
    return "\r\n".join(lines) + "\r\n"
