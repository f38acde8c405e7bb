"""What a rule is: the facts of its header, and its SQL. No file is read here and no query run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

Param = int | float | bool | str | list[int] | list[str]
"""A value that a rule file may declare in [params] and `siplens.toml` may change."""


class Severity(StrEnum):
    """How bad a failure is. Ordered by weight, not by spelling: `Severity.high > Severity.low`."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    info = "info"

    @property
    def weight(self) -> int:
        """0 for info, 4 for critical."""
        return len(Severity) - 1 - list(Severity).index(self)

    def __lt__(self, other: str) -> bool:
        return self.weight < Severity(other).weight

    def __le__(self, other: str) -> bool:
        return self.weight <= Severity(other).weight

    def __gt__(self, other: str) -> bool:
        return self.weight > Severity(other).weight

    def __ge__(self, other: str) -> bool:
        return self.weight >= Severity(other).weight


class RuleStatus(StrEnum):
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
