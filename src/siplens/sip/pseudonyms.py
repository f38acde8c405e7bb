"""Pseudonyms for what identifies people and networks: the same text gets the same pseudonym under one key, of the same length.

Lengths stay, so that a packet keeps its size. What is related stays related: numbers keep a common end (a national and an
international form of one number still match), addresses a common beginning (a subnet stays a subnet), host names their domain.
Private, loopback and multicast ranges stay what they are. Without the key, nothing leads back; with it and a guess, a guess can be
checked: keep it as you keep the captures.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

NUMBER = re.compile(r"\+?[0-9][0-9().\-]*")
_ESCAPE = re.compile(r"(%[0-9A-Fa-f]{2})")
_NOBODY = frozenset({"anonymous", "unknown", "unavailable", "restricted", "nobody", "asserted", "ping"})
_KEPT_HOSTS = (
    "anonymous.invalid",
    "localhost",
    "pstnhub.microsoft.com",
    "pstnhub.dod.teams.microsoft.us",
    "pstnhub.gov.teams.microsoft.us",
)
"""Names that say nothing of anybody: reserved ones, and the public front doors of Teams."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FIRST_OCTETS = (
    range(1, 10),
    (*range(11, 100),),
    tuple(octet for octet in range(100, 224) if octet not in (127, 169, 172, 192)),
)
_OCTETS = (range(10), range(10, 100), range(100, 256))
_HEXTETS = (range(1), range(1, 0x10), range(0x10, 0x100), range(0x100, 0x1000), range(0x1000, 0x10000))


class Pseudonyms:
    """Made from a key of at least one byte; 16 or more, drawn at random, are what it takes to withstand guessing."""

    def __init__(self, key: bytes) -> None:
        self._key = hashlib.sha256(b"siplens pseudonyms\0" + key).digest()
        self.token = lru_cache(100_000)(self._token)
        self.name = lru_cache(100_000)(self._name)
        self.host = lru_cache(100_000)(self._host)
        self.digits = lru_cache(100_000)(self._digits)
        self.packed = lru_cache(100_000)(self._packed)

    def _hash(self, *parts: str) -> bytes:
        return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), key=self._key, digest_size=64).digest()

    def _digits(self, text: str) -> str:
        """A number with every digit replaced, from the end on; other characters stay. Numbers with a common end keep one."""
        out: list[str] = []
        behind = ""
        for character in reversed(text):
            if character.isdigit() and character.isascii():
                shift = 1 + int.from_bytes(self._hash("digit", behind)[:4], "big") % 9
                out.append(str((int(character) + shift) % 10))
                behind = character + behind
            else:
                out.append(character)
        return "".join(reversed(out))

    def _name(self, text: str) -> str:
        """The name or number of somebody: user part of a URI, word of a display name."""
        if text.lower() in _NOBODY:
            return text
        return self.digits(text) if NUMBER.fullmatch(text) else self._replaced("name", text.lower(), text)

    def _token(self, text: str) -> str:
        """A string without a meaning of its own that may hold one, such as a Call-ID or tag. `z9hG4bK` and %-escapes stay."""
        if text.startswith("z9hG4bK"):
            return "z9hG4bK" + self._replaced("token", text, text[7:])
        return self._replaced("token", text, text)

    def _host(self, text: str) -> str:
        """A host name, label by label under its domain, or an address. The top-level domain stays."""
        if (address := self.address(text)) is not None:
            return address
        name = text.lower().rstrip(".")
        if any(name == kept or name.endswith(f".{kept}") for kept in _KEPT_HOSTS):
            return text
        labels, out = text.split("."), []
        for number, label in enumerate(labels):
            domain = ".".join(labels[number:]).lower().rstrip(".")
            last = len(labels) > 1 and "." not in domain
            out.append(label if last else self._replaced("host", domain, label))
        return ".".join(out)

    def address(self, text: str) -> str | None:
        """An IPv4 or IPv6 address in the form it is written in, with the same length; None for what is none."""
        try:
            packed = ip_address(text).packed
        except ValueError:
            return None
        changed = self.packed(packed)
        if len(packed) == 4:
            return str(IPv4Address(changed))
        return _spelt(text, changed)

    def _packed(self, packed: bytes) -> bytes:
        """The four or sixteen bytes of an address."""
        if len(packed) == 4:
            return self._four(packed)
        if packed[:12] == b"\0" * 10 + b"\xff\xff":
            return packed[:12] + self._four(packed[12:])
        address = IPv6Address(packed)
        if address.is_unspecified or address.is_loopback or address.is_multicast:
            return packed
        hextets = [int.from_bytes(packed[at : at + 2], "big") for at in range(0, 16, 2)]
        out = hextets[:1]
        for number, hextet in enumerate(hextets[1:], 1):
            kind = next(values for values in _HEXTETS if hextet in values)
            out.append(self._shifted("hextet", str(hextets[:number]), hextet, kind))
        return b"".join(hextet.to_bytes(2, "big") for hextet in out)

    def _four(self, packed: bytes) -> bytes:
        first, second = packed[0], packed[1]
        if first in (0, 127) or first >= 224:
            return packed
        out: list[int] = []
        for number, octet in enumerate(packed):
            private = (first == 172 and 16 <= second < 32) or (first, second) in ((192, 168), (169, 254))
            if (number == 0 and (first == 10 or private)) or (number == 1 and private and first != 172):
                out.append(octet)
                continue
            digits = len(str(octet)) - 1
            kind: range | tuple[int, ...] = _OCTETS[digits]
            if number == 0:
                kind = _FIRST_OCTETS[digits]
            elif number == 1 and private:
                kind = range(16, 32)
            elif number == 1 and out[0] in (169, 172, 192):
                kind = tuple(value for value in kind if value not in (168, 254) and not 16 <= value < 32)
            out.append(self._shifted("octet", str(list(packed[:number])), octet, kind))
        return bytes(out)

    def _shifted(self, what: str, before: str, value: int, values: range | tuple[int, ...]) -> int:
        """Another of the values, told by what stands before: different ones stay different."""
        if len(values) < 2 or value not in values:
            return value
        shift = 1 + int.from_bytes(self._hash(what, before, str(values[0]))[:4], "big") % (len(values) - 1)
        return values[(values.index(value) + shift) % len(values)]

    def mac(self, address: bytes) -> bytes:
        """The six bytes of an Ethernet address: groups stay, others become locally administered ones."""
        if address[0] & 1 or not any(address):
            return address
        drawn = self._hash("mac", address.hex())
        return bytes([drawn[0] & 0xFC | 2]) + drawn[1:6]

    def _replaced(self, kind: str, meant: str, text: str) -> str:
        """Letters become letters, digits digits; everything else stays. Told by `meant` as a whole."""
        drawn, turn = b"", 0
        while True:
            out: list[str] = []
            for part in _ESCAPE.split(text):
                if _ESCAPE.fullmatch(part):
                    out.append(part)
                    continue
                for character in part:
                    if len(out) >= len(drawn):
                        drawn += self._hash(kind, meant, str(turn), str(len(drawn)))
                    out.append(_like(character, drawn[len(out)]))
            made = "".join(out)
            if made != text or turn > 8:
                return made
            drawn, turn = b"", turn + 1


def _like(character: str, byte: int) -> str:
    if character.isascii() and not character.isalnum():
        return character
    if character.isascii() and character.isdigit():
        return str(byte % 10)
    letter = _LETTERS[byte % 26]
    return letter.upper() if character.isascii() and character.isupper() else letter


def _spelt(text: str, packed: bytes) -> str:
    """An IPv6 address as `text` spells it, with other hextets of the same length."""
    bare, _, zone = text.partition("%")
    ahead, gap, behind = bare.partition("::")
    groups = [group for group in ahead.split(":") if group]
    last = [group for group in behind.split(":") if group]
    width = sum(2 if "." in group else 1 for group in last)
    places = [*enumerate(groups), *((8 - width + number, group) for number, group in enumerate(last))]
    spelt = []
    for place, group in places:
        if "." in group:
            spelt.append(str(IPv4Address(packed[12:])))
            continue
        value = int.from_bytes(packed[2 * place : 2 * place + 2], "big")
        written = f"{value:0{len(group)}x}"
        spelt.append(written.upper() if group.isupper() else written)
    made = ":".join(spelt[: len(groups)]) + gap + ":".join(spelt[len(groups) :])
    return made + (f"%{zone}" if zone else "")
