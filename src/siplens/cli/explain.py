"""`siplens explain ID`: a call's bypass decision criterion by criterion, or what a rule means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output, RuleFolders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.text import Text

    from siplens.report.fetch import Row
    from siplens.rules import Rule


PAGE = 110
"""Columns of running text at most: longer lines are hard to read."""


def explain(
    identity: Annotated[
        str,
        typer.Argument(metavar="ID", help="A call (number, Call-ID, fingerprint) or a rule (such as BYP001).", show_default=False),
    ],
    folders: RuleFolders = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """Explain a call: each criterion of the bypass decision with its evidence. Or a rule: what it means and what to do."""
    from siplens.rules import load_own_rules

    known = {rule.id.upper(): rule for rule in load_own_rules(folders or ())}
    if rule := known.get(identity.upper()):
        show_rule(rule, fmt)
    else:
        _explain_call(identity, db, fmt)


def _explain_call(identity: str, db: Databases, fmt: Format) -> None:
    from siplens.cli import console
    from siplens.cli.call_text import decision
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.report.calls import find_call, read_call
    from siplens.report.fetch import fetch

    with reading(db) as store:
        sheet = read_call(store, find_call(store, identity))
        (told,) = fetch(store, "call_told", call_no=sheet.head["call_no"])
    if fmt is not Format.table:
        emit(sheet.criteria, ("criterion", "title", "outcome", "detail", "requirement", "document", "evidence"), fmt)
        return
    head = sheet.head
    line = _call_line(head["call_no"], head["caller"], head["called"])
    console.show(line, *decision(sheet, thorough=True), *_told(told), width=console.page_width(PAGE))


def _told(told: Row) -> Iterator[Text]:
    """What the wire and the product themselves say of bypass, beside the criteria."""
    from rich.text import Text

    from siplens.report.text import visible

    for who in ("client", "peer"):
        seen, configured, agreement = (told[name] for name in (f"wire_{who}_bypass_id", f"{who}_bypass_id", f"{who}_agreement"))
        if seen:
            words = {"agrees": "as configured", "differs": f"configured is {configured}"}.get(agreement, "not to be compared")
            yield Text(f"\nbypass ID of the {who} on the wire: {visible(seen)} ({visible(words)})")
    if told["reported"]:
        words = {"pass": "bypassed", "fail": "not bypassed"}.get(told["reported"], "contradictory")
        warning = f"; {told['warning']}" if told["warning"] else ""
        yield Text(visible(f"\n{told['told_by']}: {words}, which {told['agreement']} with what was observed{warning}"))


def _call_line(call_no: int, caller: str | None, called: str | None) -> Text:
    from rich.text import Text

    from siplens.report.text import visible

    return Text(f"Call {call_no}: {visible(caller or '?')} → {visible(called or '?')}", style="bold")


def show_rule(rule: Rule, fmt: Format) -> None:
    """A rule's documentation by its topics; as JSON and CSV, its metadata and SQL."""
    import json

    from siplens.cli import console
    from siplens.cli.rows import emit
    from siplens.report.rules import rule_markdown, rule_row

    if fmt in (Format.json, Format.ndjson):
        console.write(json.dumps(rule_row(rule), indent=2 if fmt is Format.json else None) + "\n")
    elif fmt is Format.table:
        _show_sections(rule)
    elif fmt is Format.csv:
        row = rule_row(rule)
        emit([row], tuple(row), fmt)
    else:
        console.write(rule_markdown(rule))


def _show_sections(rule: Rule) -> None:
    from siplens.cli import console
    from siplens.cli.rule_text import rule_sheet

    console.show(*rule_sheet(rule), width=console.page_width(PAGE))
