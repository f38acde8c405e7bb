"""A rule's documentation for reading on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from siplens.cli.rows import SEVERITY_STYLES
from siplens.report.text import visible
from siplens.rules import Rule, documentation

if TYPE_CHECKING:
    from rich.console import RenderableType


def rule_sheet(rule: Rule) -> Iterator[RenderableType]:
    """Title, the sections of the documentation, and the SQL."""
    severity = rule.severity.value
    label = (f" {severity} ", SEVERITY_STYLES[severity])
    yield Text.assemble(label, " ", (rule.id, "bold"), "  ", (visible(rule.title), "bold"))
    yield Text(f"{rule.status.value}, judges each {visible(rule.subject)}, file {visible(rule.path.name)}", style="dim")
    for section in documentation(rule):
        yield Text(f"\n{section.heading}", style="bold underline")
        grid = Table.grid(padding=0)
        grid.add_column(no_wrap=True)
        grid.add_column()
        for number, text in enumerate(section.lines, 1):
            mark = {"text": "", "list": "• ", "steps": f"{number}. "}[section.form]
            grid.add_row(f"  {mark}", Text(visible(text, keep="\n")))
        yield grid
    yield Text("\nSQL", style="bold underline")
    query = visible(rule.sql.partition("*/")[2].strip(), keep="\n")
    yield Padding(Syntax(query, "sql", background_color="default", theme="ansi_dark", word_wrap=True), (0, 0, 0, 2))
