"""Requests inside a dialog, and responses to requests, as the B2BUA writes them."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field

from endpoint import Hop
from sip_text import Message, parameter

_program = secrets.token_hex(3)
_numbers = itertools.count(1)


def new_token(prefix: str) -> str:
    """A tag, branch or Call-ID that equals no other, of this program or of another."""
    return f"{prefix}{_program}{next(_numbers):06x}"


@dataclass
class Dialog:
    """One dialog as its local end sees it. Uris are header values without tag; `side` is "client" or "peer"."""

    side: str
    hop: Hop
    call_id: str
    local: str
    local_tag: str
    remote: str
    remote_tag: str = ""
    target: str = ""
    cseq: int = 0
    agent: list[tuple[str, str]] = field(default_factory=list)

    def request(
        self,
        method: str,
        *extra: tuple[str, str],
        body: bytes = b"",
        cseq: int | None = None,
        branch: str = "",
    ) -> Message:
        """A request of ours; `cseq` for ACK and CANCEL, which take over the INVITE's."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        ip, port = self.hop.local
        via = f"SIP/2.0/{self.hop.transport.upper()} {ip}:{port};branch={branch or new_token('z9hG4bK')}"
        headers = [
            ("Via", via),
            ("Max-Forwards", "70"),
            ("From", f"{self.local};tag={self.local_tag}"),
            ("To", f"{self.remote};tag={self.remote_tag}" if self.remote_tag else self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
            *self.agent,
            *extra,
        ]
        return Message(f"{method} {self.target} SIP/2.0", with_body(headers, body), body)


def response(request: Message, status: int, phrase: str, tag: str, *extra: tuple[str, str], body: bytes = b"") -> Message:
    """A response; `tag` is ours, used where the request has none, "" for 100 Trying."""
    to = request.get("to")
    if tag and not parameter(to.rpartition(">")[2], "tag"):
        to += f";tag={tag}"
    vias = [(name, value) for name, value in request.headers if name.lower() == "via"]
    headers = [
        *vias,
        ("From", request.get("from")),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.get("cseq")),
        *extra,
    ]
    return Message(f"SIP/2.0 {status} {phrase}", with_body(headers, body), body)


def with_body(headers: list[tuple[str, str]], body: bytes) -> list[tuple[str, str]]:
    """The headers, with a Content-Type where there is a body."""
    return [*headers, ("Content-Type", "application/sdp")] if body else headers
