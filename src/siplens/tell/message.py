"""What is told: plain facts, which each destination puts into its own form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One finding that is told."""

    fingerprint: str
    rule_id: str
    title: str
    severity: str
    news: str
    """new, changed, or standing (told only when all is asked for)."""
    call_no: int | None
    peer: str | None
    reason: str

    @property
    def where(self) -> str:
        """Which call or peer, in words."""
        call = f"call {self.call_no}" if self.call_no is not None else ""
        return " via ".join(part for part in (call, self.peer or "") if part) or "no single call"


@dataclass(frozen=True, slots=True)
class Message:
    """What one run of a job has to say."""

    job: str
    title: str
    period: str
    outcome: str
    """clean, findings or error."""
    headline: str
    """One sentence."""
    items: Sequence[NewsItem]
    """Worst first."""
    figures: dict[str, int]
    """Calls, findings … by name, in the order to be shown."""
    summary: str
    """The run on one page, Markdown."""
    report: Path | None = None

    @property
    def severities(self) -> dict[str, int]:
        """How many items of each severity there are, worst first."""
        names = ("critical", "high", "medium", "low", "info")
        return {name: count for name in names if (count := sum(item.severity == name for item in self.items))}
