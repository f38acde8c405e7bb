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


def finding_lines(finding: Row, *, about: bool = False, most: int = MOST_EVIDENCE) -> Iterator[RenderableType]:
    """One finding: rule and severity, the reason, at most `most` pieces of evidence. `about` names the call it is about."""
    unknown = finding["status"] == "unknown"
    style = "yellow" if unknown else SEVERITY_STYLES.get(finding["severity"], "")
    label = " unknown " if unknown else f" {finding['severity']} "
    yield Text.assemble((label, style), " ", (finding["rule_id"], "bold"), "  ", subject_of(finding) if about else "")
    yield _indented(Text(visible(finding["reason"] or "")))
    for piece in finding["evidence"][:most]:
        yield _indented(Text(f"↳ {place_of(piece)}  {visible(piece['note'] or '')}", style="dim"))
    if len(finding["evidence"]) > most:
        yield _indented(Text(f"↳ and {len(finding['evidence']) - most} more", style="dim"))


def _indented(text: Text) -> RenderableType:
    return Padding(text, (0, 0, 0, 4))


def subject_of(finding: Row) -> str:
    """What a finding is about, in a few words: its call, else its own subject."""
    if finding["call_no"] is None:
        return visible(f"{finding['subject']} {finding['subject_id']}")
    return visible(f"call {finding['call_no']}") + (f" via {visible(finding['peer'])}" if finding["peer"] else "")
