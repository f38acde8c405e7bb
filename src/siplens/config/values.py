"""How a property's text becomes a value: addresses, flags, numbers, names. One function per kind of value.

Each takes the node that stands after the property's name and returns the value, or None for an empty text. Each raises
`UnexpectedValueError` with what was expected; who reads the file adds its name, the line and the property.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

from siplens.config.nodes import Items, Node, Scalar, scalar
from siplens.errors import ConfigurationError

Value = str | int | bool | list[str] | None
Reader = Callable[[Node], Value]

CUT_LIST = "Format-List left the rest of the list out: set $FormatEnumerationLimit = -1 before, or use Export-Clixml"
EMPTY_GUID = "00000000-0000-0000-0000-000000000000"


class UnexpectedValueError(Exception):
    """The text is no value of the kind that the property takes. `args[0]` says what was expected."""

    def __init__(self, expected: str, hint: str | None = None) -> None:
        super().__init__(expected)
        self.hint = hint


def text(node: Node) -> str | None:
    """The text as it is, without blanks around it."""
    found = scalar(node)
    if found is None:
        raise UnexpectedValueError("a text")
    return (found.text or "").strip() or None


def flag(node: Node) -> bool | None:
    """True or False, as PowerShell, JSON and YAML write them."""
    word = text(node) if scalar(node) else ""
    if word is None:
        return None
    known = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(word.lower())
    if known is None:
        raise UnexpectedValueError("true or false")
    return known


def whole(least: int, most: int, meaning: str) -> Callable[[Node], int | None]:
    """A reader of whole numbers from `least` to `most`."""

    def read(node: Node) -> int | None:
        word = text(node) if scalar(node) else ""
        if word is None:
            return None
        if not re.fullmatch(r"\d{1,18}", word) or not least <= int(word) <= most:
            raise UnexpectedValueError(f"{meaning}, a whole number from {least:,} to {most:,}")
        return int(word)

    return read


class OneOf:
    """A reader of one of Microsoft's enumeration words, whatever its case."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def __call__(self, node: Node) -> str | None:
        """The word as Microsoft spells it."""
        word = text(node) if scalar(node) else ""
        if word is None:
            return None
        known = {known.lower(): known for known in self.words}.get(word.lower())
        if known is None:
            hint = "PowerShell 5 writes such words as numbers in JSON: use Export-Clixml, or put the word there"
            raise UnexpectedValueError(f"{', '.join(self.words[:-1])} or {self.words[-1]}", hint if word.isdigit() else None)
        return known

    def numbered(self, node: Node) -> str | None:
        """The word that a number stands for, by the order in which the cmdlet's help lists the words; None for no such number.

        That this order is the enumeration's is inferred, not confirmed: who reads a number so has to say it.
        """
        found = scalar(node)
        digits = (found.text or "").strip() if found else ""
        return self.words[int(digits)] if digits.isdigit() and int(digits) < len(self.words) else None


def identifier(node: Node) -> str | None:
    """A bypass ID: a GUID in lower case, as SDP readers keep it; the empty GUID stands for none."""
    word = text(node)
    return None if word is None or word == EMPTY_GUID else word.strip("{}").lower()


def address(node: Node) -> str | None:
    """An IPv4 or IPv6 address in canonical text."""
    word = text(node) if scalar(node) else ""
    if word is None:
        return None
    parsed = parse_address(word)
    if parsed is None:
        raise UnexpectedValueError("an IPv4 or IPv6 address")
    return str(parsed)


def addresses(node: Node) -> list[str] | None:
    """A list of addresses; one alone, or several with commas between, will do."""
    if one := scalar(node):
        nodes: list[Node] = [Scalar(part, one.line) for part in re.split(r"[,\s]+", one.text or "") if part]
    else:
        nodes = _whole_list(node, "a list of addresses")
    found = [found for item in nodes if (found := address(item))]
    return list(dict.fromkeys(found)) or None


def names(node: Node) -> list[str] | None:
    """A list of names; one alone, or several with commas between, will do."""
    if one := scalar(node):
        found = [part.strip() for part in (one.text or "").split(",")]
    else:
        found = [text(item) or "" for item in _whole_list(node, "a list of names")]
    return [name for name in found if name] or None


def _whole_list(node: Node, expected: str) -> list[Node]:
    if not isinstance(node, Items):
        raise UnexpectedValueError(expected)
    if node.is_cut:
        raise UnexpectedValueError(f"{expected}, all of it", CUT_LIST)
    return node.nodes


def mask_bits(node: Node) -> int | None:
    """A prefix length, or an IPv4 mask such as 255.255.0.0 that stands for one."""
    word = text(node) if scalar(node) else ""
    mask = parse_address(word) if word and "." in word else None
    if isinstance(mask, IPv4Address):
        ones = f"{int(mask):032b}".rstrip("0")
        if "0" not in ones and ones:
            return len(ones)
        raise UnexpectedValueError("a prefix length, or a mask whose ones come first")
    return whole(1, 128, "a prefix length")(node)


def parse_address(word: str) -> IPv4Address | IPv6Address | None:
    """The address that a text writes, or None. IPv4 inside IPv6 (::ffff:a.b.c.d) becomes the IPv4 address it means."""
    try:
        parsed = ip_address(word.strip().strip("[]"))
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        return parsed.ipv4_mapped or parsed
    return parsed


def number(parsed: IPv4Address | IPv6Address) -> int:
    """The address as a number of 128 bits, IPv4 as ::ffff:a.b.c.d, so that both families sort in one column."""
    return int(parsed) if parsed.version == 6 else (0xFFFF << 32) | int(parsed)


def peer_name(node: Node) -> str | None:
    """Name of a gateway or trunk, without 'Service:' and 'PstnGateway:'."""
    return _without_prefix(text(node), "Service", "PstnGateway", "Trunk")


def server_name(node: Node) -> str | None:
    """Name or address of a Mediation Server, without 'Service:' and 'MediationServer:'."""
    word = _without_prefix(text(node), "Service", "MediationServer")
    return None if word is None else str(parse_address(word) or word)


def site_name(node: Node) -> str | None:
    """Name of a site of the topology, without 'Site:'."""
    return _without_prefix(text(node), "Site")


def trunk_scope(node: Node) -> str | None:
    """Scope of a trunk configuration, as Get-CsTrunkConfiguration writes it; a bare name is that of a gateway."""
    word = text(node)
    if word is None or word.lower() == "global":
        return None if word is None else "Global"
    if word.lower().startswith("site:"):
        return f"Site:{_without_prefix(word, 'Site')}"
    name = peer_name(node) or ""
    return f"Service:PstnGateway:{parse_address(name) or name}"


def _without_prefix(word: str | None, *prefixes: str) -> str | None:
    for prefix in prefixes:
        if word and word.lower().startswith(f"{prefix.lower()}:"):
            word = word[len(prefix) + 1 :].strip()
    return word or None


def moment(node: Node) -> datetime | None:
    """A date or a time; UTC where no zone is written. Returns naive UTC, as the store keeps times."""
    word = text(node) if scalar(node) else ""
    if word is None:
        return None
    try:
        parsed = datetime.fromisoformat(word)
    except ValueError:
        try:
            parsed = datetime.combine(date.fromisoformat(word), datetime.min.time())
        except ValueError:
            raise UnexpectedValueError("a date such as 2026-01-31, or a time such as 2026-01-31T08:00:00Z") from None
    return (parsed.astimezone(UTC) if parsed.tzinfo else parsed).replace(tzinfo=None)


def read_moment(word: str, name: str) -> datetime | None:
    """A date or time that stands under `name`, such as an option. Raises ConfigurationError."""
    try:
        return moment(Scalar(word, 0))
    except UnexpectedValueError as error:
        raise ConfigurationError(f"{name}: expected {error.args[0]}, found '{word}'") from None
