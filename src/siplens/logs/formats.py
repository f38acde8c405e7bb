"""Which text formats there are: every grammar whose header says how a file of it begins. No list to keep elsewhere.

A user's folder holds formats too: one grammar and one module of the same name, beside each other.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from siplens.errors import ConfigurationError
from siplens.resources import shipped_folder

_HEADER_LINE = re.compile(r"//[ ]?(.*)")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_ORDER = 5


@dataclass(frozen=True, slots=True)
class Format:
    """A text format as the header of its grammar describes it."""

    name: str
    title: str
    begins: re.Pattern[str]
    """Found in the first bytes of such a file, read as latin-1."""
    verified: tuple[str, ...]
    unverified: tuple[str, ...]
    grammar: Path
    module: Path | None
    """The user's module beside the user's grammar; None for a format that is shipped."""
    order: int
    """Formats are tried in this order, those of equal order by name: 5 where the header says nothing, smaller for stricter shapes."""
    zone: str
    """utc, or local: times are of the machine that wrote them, and --log-tz says which zone that is."""
    date_order: str
    """mdy, dmy or ymd, where a date of three numbers leaves it open and --date-order says nothing."""

    @property
    def status(self) -> str:
        """verified: real samples are read as they should be; unconfirmed: no real sample was seen; partly: something of both."""
        return "unconfirmed" if not self.verified else "partly" if self.unverified else "verified"


@cache
def formats(folders: tuple[Path, ...] = ()) -> tuple[Format, ...]:
    """All formats, the users' first, in the order in which they are tried. Raises ConfigurationError on a user's format that is wrong."""
    users = [_users_format(path) for folder in folders for path in _grammars(folder)]
    shipped = [_format(path) for path in sorted(shipped_folder("grammars").glob("*.lark"))]
    own = sorted((format_ for format_ in shipped if format_), key=lambda format_: format_.order)
    names = {format_.name for format_ in users}
    return (*sorted(users, key=lambda format_: format_.order), *(format_ for format_ in own if format_.name not in names))


def find_format(name: str, folders: tuple[Path, ...] = ()) -> Format | None:
    """The format of that name, or None."""
    return next((format_ for format_ in formats(folders) if format_.name == name), None)


def _grammars(folder: Path) -> Iterable[Path]:
    if not folder.is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder of log formats", hint="it holds one grammar and one module per format")
    return sorted(folder.glob("*.lark"))


def _users_format(path: Path) -> Format:
    try:
        format_ = _format(path)
    except (tomllib.TOMLDecodeError, re.error, KeyError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: the header of the grammar cannot be read: {error}", hint="see the grammars shipped") from error
    if format_ is None:
        raise ConfigurationError(
            f"{path}: the header lacks begins", hint="write // begins = 'a pattern that is found at the top of a file'"
        )
    module = path.with_suffix(".py")
    if not module.is_file():
        raise ConfigurationError(f"{module}: is missing; it holds the class Dialect of the format {format_.name}")
    return Format(**{name: getattr(format_, name) for name in Format.__dataclass_fields__ if name != "module"}, module=module)


def header_of(path: Path) -> dict[str, object]:
    """The TOML in the comment on top of a grammar."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        comment = _HEADER_LINE.fullmatch(line)
        if comment is None or not comment.group(1):
            break
        lines.append(comment.group(1))
    return tomllib.loads("\n".join(lines))


def _format(path: Path) -> Format | None:
    header = header_of(path)
    if "begins" not in header:
        return None
    texts = {key: str(header.get(key, instead)) for key, instead in (("zone", "utc"), ("date_order", "mdy"))}
    verified, unverified = (tuple(map(str, _listed(header, key))) for key in ("verified", "unverified"))
    order = header.get("order", _ORDER)
    return Format(
        name=str(header["format"]),
        title=str(header["title"]),
        begins=re.compile(str(header["begins"])),
        verified=verified,
        unverified=unverified,
        grammar=path,
        module=None,
        order=order if isinstance(order, int) else _ORDER,
        **texts,
    )


def _listed(header: dict[str, object], key: str) -> list[object]:
    value = header.get(key, [])
    return value if isinstance(value, list) else [value]


def encoding_of(head: bytes) -> tuple[str, int]:
    """Encoding and size of the byte order mark; latin-1 stands for bytes taken one by one (UTF-8 without a mark included)."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return ("latin-1" if encoding == "utf-8" else encoding), len(mark)
    return "latin-1", 0


def recognise(head: bytes, folders: tuple[Path, ...] = ()) -> str | None:
    """Name of the text format that a file with these first bytes has; None for none that is known."""
    encoding, mark = encoding_of(head)
    text = head[mark:].decode(encoding, "ignore")
    if not text.strip():
        return None
    return next((format_.name for format_ in formats(folders) if format_.begins.search(text)), None)
