"""SIP messages and audio descriptions as the lab's own programs read and write them: little, and strict about it.

This is the lab's second opinion of SIP: it shares no code with siplens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type"}


@dataclass
class Message:
    """A request or response: its start line, its header fields in order, its body."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        return not self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        """Status of a response; 0 in a request."""
        return 0 if self.is_request else int(self.start.split()[1])

    @property
    def method(self) -> str:
        return self.get("cseq").split()[1]

    @property
    def cseq(self) -> int:
        return int(self.get("cseq").split()[0])

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    @property
    def call_id(self) -> str:
        return self.get("call-id")

    @property
    def branch(self) -> str:
        return parameter(self.get("via"), "branch")

    def get(self, name: str) -> str:
        """The first field of this name, "" if there is none."""
        return next((value for each, value in self.headers if each.lower() == name), "")

    def tag(self, name: str) -> str:
        """Tag of the From or To field, "" if it has none."""
        return parameter(self.get(name).rpartition(">")[2], "tag")

    def __bytes__(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def parameter(value: str, name: str) -> str:
    """The value of a header parameter, "" if it is absent."""
    found = re.search(rf";\s*{name}=([^;,\s]+)", value, re.IGNORECASE)
    return found[1] if found else ""


def user_of(value: str) -> str:
    """The user part of the URI in a header field or request line."""
    found = re.search(r"sips?:([^@;>]+)@", value)
    return found[1] if found else ""


def parse(data: bytes) -> Message:
    """One whole message."""
    head, _, body = data.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    headers = []
    for line in lines:
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    named = [(_COMPACT.get(name.lower(), name), value) for name, value in headers if name.lower() not in ("content-length", "l")]
    return Message(start, named, body)


def split_stream(buffer: bytearray) -> Iterator[bytes]:
    """Takes whole messages off the front of what came in over TCP; keep-alives (CRLF) vanish."""
    while True:
        while buffer[:2] == b"\r\n":
            del buffer[:2]
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        found = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", buffer[:end])
        size = end + 4 + (int(found[1]) if found else 0)
        if len(buffer) < size:
            return
        message = bytes(buffer[:size])
        del buffer[:size]
        yield message


@dataclass(frozen=True)
class Audio:
    """Where somebody wants audio sent, and which way it may flow."""

    ip: str
    port: int
    direction: str = "sendrecv"


def audio_of(body: bytes) -> Audio | None:
    """The audio of a body: of its last description, for in a multipart body the last is the current one."""
    text = body.decode(errors="replace")
    streams = list(re.finditer(r"(?m)^m=audio (\d+) ", text))
    if not streams:
        return None
    addresses = re.findall(r"(?m)^c=IN IP4 (\S+)", text)
    directions = re.findall(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)\r?$", text[streams[-1].start() :])
    return Audio(addresses[-1], int(streams[-1][1]), directions[-1] if directions else "sendrecv")


def g711(audio: Audio, origin_ip: str, *attributes: str, version: int = 1) -> bytes:
    """SDP of G.711 at an address, written by the host origin_ip."""
    lines = [
        "v=0",
        f"o=- 2001 {version} IN IP4 {origin_ip}",
        "s=session",
        f"c=IN IP4 {audio.ip}",
        "t=0 0",
        f"m=audio {audio.port} RTP/AVP 0 8 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        "a=ptime:20",
        *attributes,
        f"a={audio.direction}",
    ]
    return "\r\n".join([*lines, ""]).encode()
