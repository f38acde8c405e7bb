"""`siplens rules`: which rules there are, what one says, how to make one, whether its fixtures hold, and what past runs said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASE, Format
from siplens.cli.options import Database, Output, RuleFolders

if TYPE_CHECKING:
    from siplens.rules import Rule
    from siplens.store import Store

app = typer.Typer(help="List rules, show one, make one, test them, and see past runs.", no_args_is_help=True)
HISTORY = ("run_id", "started_at", "command", "rules", "rules_version", "configuration", "failed", "unknown", "new_findings", "resolved")


@app.command("list")
def list_rules(folders: RuleFolders = None, fmt: Output = Format.table) -> None:
    """List all rules: id, severity, what each judges."""
    from siplens.cli.rows import emit
    from siplens.rules import load_own_rules

    rows = [
        {
            "rule": rule.id,
            "severity": rule.severity.value,
            "status": rule.status.value,
            "subject": rule.subject,
            "family": rule.folder,
            "title": rule.title,
        }
        for rule in load_own_rules(folders or ())
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
    from siplens.rules import load_own_rules, select_rules

    for rule in select_rules(load_own_rules(folders or ()), [rule_id]):
        show_rule(rule, fmt)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it finds, such as calls_too_long.", show_default=False)],
    folder: Annotated[Path | None, typer.Option("--in", metavar="FOLDER", help="Where; else the first folder of siplens.toml.")] = None,
) -> None:
    """Make a rule of your own with its fixtures, ready to be changed."""
    from siplens.cli import console
    from siplens.rules import load_own_rules
    from siplens.rules.scaffold import new_rule
    from siplens.rules.settings import rule_folders
    from siplens.settings import find_settings

    settings = find_settings()
    named = rule_folders(settings)
    place = folder or (named[0] if named else Path("rules"))
    known = [*named, place] if place.is_dir() else named
    for path in new_rule(place, name, load_own_rules(known, settings)):
        console.say(str(path))
    if place.resolve() not in [path.resolve() for path in named]:
        console.say(f'so that every command knows it, write rule_folders = ["{place.as_posix()}"] in siplens.toml', "dim")


@app.command("test")
def run_fixtures(
    names: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="Rules or families; all, if none is named.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Write what the rules say now as what their fixtures must give.")] = False,
    folders: RuleFolders = None,
) -> None:
    """Run the fixtures of rules: fires, silent, unknown. Exit status 1 where one does not hold, or is missing in a rule of your own."""
    from siplens.cli import console
    from siplens.rules import load_own_rules, select_rules
    from siplens.rules.fixture import fixture_store

    rules = [rule for rule in select_rules(load_own_rules(folders or ()), names or ()) if names or _is_own(rule)]
    broken = 0
    with fixture_store() as store:
        for rule in rules:
            broken += sum(not _holds(store, rule, kind, accept) for kind in _kinds(rule))
    console.say(
        f"{len(rules):,} rules tested, {broken:,} fixtures do not hold" if rules else "no rules of your own: siplens rules new NAME"
    )
    if broken:
        raise typer.Exit(1)


@app.command("history")
def history(db: Database = DEFAULT_DATABASE, fmt: Output = Format.table) -> None:
    """List past runs of rules: by which versions of rules and configuration, what was new, what was resolved."""
    from siplens.cli.database import reading
    from siplens.cli.rows import emit
    from siplens.report.fetch import fetch

    with reading(db) as store:
        emit(fetch(store, "rule_history"), HISTORY, fmt)


def _is_own(rule: Rule) -> bool:
    from siplens.rules.load import SHIPPED

    return SHIPPED not in rule.path.resolve().parents


def _fixture_folder(rule: Rule) -> Path:
    """Beside the rule, or below a folder above it; for a shipped rule in the checkout's tests."""
    from siplens.rules.load import SHIPPED

    if not _is_own(rule):
        return SHIPPED.parents[2] / "tests" / "rules" / rule.id
    places = [parent / "tests" / rule.id for parent in rule.path.resolve().parents[:3]]
    return next((place for place in places if place.is_dir()), places[0])


def _kinds(rule: Rule) -> tuple[str, ...]:
    """A shipped rule's fixtures are only in a checkout."""
    from siplens.rules.fixture import KINDS

    return KINDS if _is_own(rule) or _fixture_folder(rule).is_dir() else ()


def _holds(store: Store, rule: Rule, kind: str, accepting: bool) -> bool:
    from siplens.cli import console
    from siplens.rules.fixture import accept, compared, expected, judge_fixture

    path = _fixture_folder(rule) / f"{kind}.yaml"
    if not path.exists():
        console.say(f"{rule.id} {kind}: {path} is missing", "red")
        return False
    found = judge_fixture(store, rule, path)
    if accepting:
        accept(path, found)
        return True
    wanted = expected(path)
    found = compared(found, wanted)
    for verdict in wanted:
        if verdict not in found:
            console.say(f"{rule.id} {kind}: expected {', '.join(filter(None, verdict))}", "red")
    for verdict in found:
        if verdict not in wanted:
            console.say(f"{rule.id} {kind}: but it says {', '.join(filter(None, verdict))}", "red")
    return found == wanted
