"""What a rule is: the facts of its header, and its SQL. No file is read here and no query run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import total_ordering
from pathlib import Path

Param = int | float | bool | str | list[int] | list[str]
"""A value that a rule file may declare in [params] and `siplens.toml` may change."""


@total_ordering
class Severity(Enum):
    """How bad a failure is. `Severity.high > Severity.low`."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Severity):
            return NotImplemented
        return _WORST_FIRST.index(self) > _WORST_FIRST.index(other)


_WORST_FIRST = list(Severity)


class RuleStatus(Enum):
    """How far a rule can be trusted. Deprecated rules run only when they are named."""

    experimental = "experimental"
    stable = "stable"
    deprecated = "deprecated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule file, read and found well formed. Its SQL has not been run."""

    id: str
    title: str
    severity: Severity
    status: RuleStatus
    subject: str
    """Kind of subject, one per row of the result: call, leg, dialog, peer, trunk, source …"""
    meaning: str
    impact: str = ""
    causes: tuple[str, ...] = ()
    confirm: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    path: Path
    sql: str
    """The whole text of the file, header included, so that DuckDB's line numbers are the file's."""

    @property
    def family(self) -> str:
        """The letters of the id, such as EDL."""
        return self.id.rstrip("0123456789")

    @property
    def folder(self) -> str:
        """The folder the rule lies in, which shipped rules name after their family, such as early_dialogs."""
        return self.path.parent.name
