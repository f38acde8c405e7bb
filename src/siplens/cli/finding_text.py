"""Findings for reading on a terminal: one paragraph each, evidence below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.text import Text

from siplens.cli.rows import SEVERITY_STYLES
from siplens.report.fetch import Row
from siplens.report.ladder import place_of
from siplens.report.text import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_EVIDENCE = 8
"""Pieces of evidence shown for one finding; JSON carries all of them."""


def finding_lines(finding: Row, *, about: bool = False) -> Iterator[RenderableType]:
    """One finding: rule, severity, reason, evidence. `about` names the call it is about."""
    unknown = finding["status"] == "unknown"
    style = "yellow" if unknown else SEVERITY_STYLES.get(finding["severity"], "")
    subject = subject_of(finding) if about else ""
    line = Text.assemble(
        (" unknown " if unknown else f" {finding['severity']} ", style), " ", (finding["rule_id"], "bold"), "  ",
        (f"{subject}  " if subject else "", "bold"), visible(finding["reason"] or ""),
    )  # fmt: skip
    yield line
    for piece in finding["evidence"][:MOST_EVIDENCE]:
        yield Padding(Text(f"↳ {place_of(piece)}  {visible(piece['note'] or '')}", style="dim"), (0, 0, 0, 4))
    if len(finding["evidence"]) > MOST_EVIDENCE:
        yield Padding(Text(f"↳ and {len(finding['evidence']) - MOST_EVIDENCE} more", style="dim"), (0, 0, 0, 4))


def subject_of(finding: Row) -> str:
    """What a finding is about, in a few words: its call, else its own subject."""
    if finding["call_no"] is None:
        return visible(f"{finding['subject']} {finding['subject_id']}")
    return visible(f"call {finding['call_no']}") + (f" via {visible(finding['peer'])}" if finding["peer"] else "")
