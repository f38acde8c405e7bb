"""Secrets of TLS connections, as key logs spell them (NSS format): which of them open the connections that begin in some packets.

A key log of a day opens every connection of that day. Who hands on the packets of one call hands on the secrets of its connections
alone: they are told by the random number in the ClientHello (RFC 8446 4.1.2), which begins each line of a key log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from siplens.errors import UnreadableFileError

_LINE = re.compile(rb"^([A-Z][A-Z0-9_]*) ([0-9a-fA-F]{64}) [0-9a-fA-F]+$")
"""Label, client random, secret. Lines of RSA premasters are told by another number, and are not taken."""
_CLIENT_HELLO = re.compile(rb"\x16\x03[\x00-\x04]..\x01...\x03[\x00-\x04](.{32})", re.DOTALL)
"""A record of a handshake (type, version, length), ClientHello (type, length), its version, and the random number."""
_LARGEST = 1 << 28


class Secrets:
    """Lines of key logs by the connection they open; each is given once."""

    def __init__(self) -> None:
        self._lines: dict[bytes, list[bytes]] = {}

    def add(self, text: bytes) -> int:
        """Takes the lines of a key log; says how many it held."""
        found = 0
        for line in text.splitlines():
            match = _LINE.match(line.strip())
            if match:
                found += 1
                lines = self._lines.setdefault(bytes.fromhex(match[2].decode()), [])
                if match[0] not in lines:
                    lines.append(match[0])
        return found

    def add_file(self, path: Path) -> None:
        """Takes a key log from a file. Raises UnreadableFileError where it is none."""
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST)
        except OSError as error:
            raise UnreadableFileError(f"{path}: the key log cannot be read: {error.strerror}") from error
        if not self.add(text):
            raise UnreadableFileError(f"{path}: holds no TLS secrets; lines such as CLIENT_RANDOM were expected (SSLKEYLOGFILE)")

    def begun_in(self, packet: bytes) -> bytes:
        """The lines for connections that begin in this packet, as the text of a key log; empty where there are none, or not any more."""
        if not self._lines:
            return b""
        return b"".join(line + b"\n" for random in client_randoms(packet) for line in self._lines.pop(random, ()))

    def __len__(self) -> int:
        return len(self._lines)


def client_randoms(packet: bytes) -> Iterator[bytes]:
    """The random number of each ClientHello that begins in a packet."""
    return (match[1] for match in _CLIENT_HELLO.finditer(packet))


def secrets_of(texts: Iterable[bytes], files: Iterable[Path]) -> Secrets:
    """The secrets of key logs that captures held, and of files that the user names."""
    secrets = Secrets()
    for text in texts:
        secrets.add(text)
    for path in files:
        secrets.add_file(path)
    return secrets
