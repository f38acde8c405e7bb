"""What a kind of configuration objects is: its properties, the raw table it fills, how an export is recognised."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from siplens.config.values import Reader
from siplens.records import Table


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object."""

    title: str
    """As messages name it."""
    section: str
    """Name of its list (or object) in the plain file."""
    table: Table
    identity: tuple[str, ...]
    """Columns that name one object; two objects of one name are an error. Empty: there is only one object."""
    readers: Mapping[str, Reader]
    """Column and how its value is read."""
    required: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other names under which exports write a column, in lower case."""
    ignored: frozenset[str] = frozenset()
    """Microsoft's properties that siplens does not use, in lower case: known, so that they are no misspellings."""
    signs: tuple[str, ...] = ()
    """Properties of which an exported object has all, by which its kind is recognised; in lower case, alternatives with | between."""

    @property
    def names(self) -> dict[str, str]:
        """Column by every lower-case name that stands for it."""
        return {column.lower(): column for column in self.readers} | dict(self.aliases)

    def is_shown_by(self, names: Collection[str]) -> bool:
        """Whether an object with these properties (lower case) is of this kind."""
        return bool(self.signs) and all(any(name in names for name in sign.split("|")) for sign in self.signs)


def ignored(names: str) -> frozenset[str]:
    """Names in lower case. What every exported object carries is added: where it was stored, its own name again."""
    everywhere = "identity description element anchor key scopeclass xsanyelements xsanyattributes pscomputername"
    return frozenset(f"{everywhere} {names}".lower().split())
