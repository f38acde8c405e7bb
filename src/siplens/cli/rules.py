"""`siplens rules`: which rules there are, and what one says."""

from __future__ import annotations

from typing import Annotated

import typer

from siplens.cli.options import Format, Output, RuleFolders

app = typer.Typer(help="List rules, or show one.", no_args_is_help=False)


@app.command("list")
def list_rules(folders: RuleFolders = None, fmt: Output = Format.table) -> None:
    """List all rules: id, severity, what each judges."""
    from siplens.cli.rows import emit
    from siplens.rules import load_rules

    rows = [
        {
            "rule": rule.id,
            "severity": rule.severity.value,
            "status": rule.status.value,
            "subject": rule.subject,
            "family": rule.folder,
            "title": rule.title,
        }
        for rule in load_rules(folders or ())
    ]
    emit(rows, ("rule", "severity", "status", "subject", "family", "title"), fmt)


@app.command("show")
def show(
    rule_id: Annotated[str, typer.Argument(metavar="RULE", help="Rule, such as EDL002.", show_default=False)],
    folders: RuleFolders = None,
    fmt: Output = Format.table,
) -> None:
    """Show what a rule means, what to do about it, and its SQL."""
    from siplens.cli.explain import show_rule
    from siplens.rules import load_rules, select_rules

    for rule in select_rules(load_rules(folders or ()), [rule_id]):
        show_rule(rule, fmt)
