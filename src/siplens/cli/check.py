"""`siplens check`: runs rules, prints what they found, and says by the exit status whether something failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, FailOn, Format
from siplens.cli.options import Databases, RuleFolders

if TYPE_CHECKING:
    from rich.console import RenderableType

    from siplens.report.fetch import Row
    from siplens.report.judgements import Judgements
    from siplens.rules import RuleCount

FAILED = 1
MOST_FAILURES, MOST_UNKNOWN = 50, 3
"""Findings of one rule written out for reading; the other formats list all."""
LISTED = ("rule_id", "severity", "status", "subject", "subject_id", "call_no", "peer", "reason", "waived", "evidence")
IDENTIFIED = (*LISTED, "finding_id", "fingerprint", "is_new", "first_seen", "last_seen")
"""Columns for programs: what a waiver, a baseline or a ticket refers to stands behind the others."""


class CheckFormat(StrEnum):
    """How findings are printed: as rows, or in a form that a CI server shows."""

    table = "table"
    csv = "csv"
    json = "json"
    ndjson = "ndjson"
    markdown = "markdown"
    sarif = "sarif"
    junit = "junit"


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE]...",
            help="Rules (EDL002) or families (EDL, early_dialogs); all, if none is named.",
            show_default=False,
        ),
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option(help="Exit 1 when something failed at or above this severity.", case_sensitive=False)
    ] = FailOn.high,
    new_only: Annotated[
        bool, typer.Option("--new-only", help="Only findings that the baseline lacks; without --baseline, that no check before found.")
    ] = False,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", metavar="FILE", help="Findings that are known, as --write-baseline wrote them.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option("--write-baseline", metavar="FILE", help="Write the failures of this run as the new baseline.")
    ] = None,
    folders: RuleFolders = None,
    db: Databases = DEFAULT_DATABASES,
    fmt: Annotated[
        CheckFormat,
        typer.Option("--format", "-f", help="How findings are printed; junit fails cases by --fail-on.", case_sensitive=False),
    ] = CheckFormat.table,
) -> None:
    """Run RULES and print what they found, with evidence. Exit status 1 at or above --fail-on.

    What several databases (--db again) show as one is printed, not kept.
    """
    from siplens.cli import console
    from siplens.cli.database import as_one, writing
    from siplens.cli.rows import emit
    from siplens.errors import SiplensError
    from siplens.report.findings import findings_of_run
    from siplens.report.judgements import judgements_of_check
    from siplens.rules import load_own_rules, run_rules, select_rules
    from siplens.rules.baseline import read_baseline, write_baseline_file

    known = read_baseline(baseline) if baseline else None
    rules = select_rules(load_own_rules(folders or ()), names or ())
    if new_only and baseline is None and len(db) > 1:
        raise SiplensError(
            "--new-only: several databases as one keep no history of checks", hint="give --baseline FILE, or check one database at a time"
        )
    with as_one(db) as path, writing(path) as store:
        outcome = run_rules(store, rules, command="check")
        judged = judgements_of_check(store, findings_of_run(store, outcome), outcome.counts, rules)
    findings = list(judged.findings)
    if write_baseline:
        amount = write_baseline_file(write_baseline, findings)
        console.say(f"{write_baseline}: {amount:,} known failures")
    if new_only or known is not None:
        findings = [finding for finding in findings if (finding["fingerprint"] not in known if known is not None else finding["is_new"])]
    if fmt is CheckFormat.table:
        _print_findings(findings, outcome.counts)
    elif fmt in (CheckFormat.sarif, CheckFormat.junit):
        console.write(_for_servers(replace(judged, findings=findings), fmt, fail_on))
    else:
        emit(findings, LISTED if fmt is CheckFormat.markdown else IDENTIFIED, Format(fmt.value))
    if fail_on is not FailOn.never and _reaches(findings, fail_on.value):
        raise typer.Exit(FAILED)


def _for_servers(judged: Judgements, fmt: CheckFormat, fail_on: FailOn) -> str:
    """Findings as SARIF or JUnit."""
    from siplens.report.junit import junit
    from siplens.report.sarif import sarif
    from siplens.rules import Severity

    if fmt is CheckFormat.sarif:
        return sarif(judged)
    return junit(judged, None if fail_on is FailOn.never else Severity(fail_on.value))


def _reaches(findings: list[Row], severity: str) -> bool:
    """Whether one of the findings shown failed at or above `severity` and is not waived."""
    from siplens.rules import Severity

    return any(row["status"] == "fail" and not row["waived"] and Severity(row["severity"]) >= severity for row in findings)


def _print_findings(findings: list[Row], counts: Iterable[RuleCount]) -> None:
    from siplens.cli import console

    for part in findings_text(findings, list(counts)):
        console.show(part)


def findings_text(findings: list[Row], counts: list[RuleCount]) -> Iterator[RenderableType]:
    """Findings for reading: failures by severity, then what could not be decided, then the counts of every rule."""
    from rich.text import Text

    from siplens.cli.finding_text import finding_lines

    titles = {count.rule_id: count.title for count in counts}
    failed = [finding for finding in findings if finding["status"] == "fail"]
    unknown = [finding for finding in findings if finding["status"] == "unknown"]
    for (_, rule_id), group in groupby(failed, key=lambda finding: (finding["severity"], finding["rule_id"])):
        listed = list(group)
        yield from _rule_heading(listed[0], titles.get(rule_id, ""), len(listed))
        for finding in listed[:MOST_FAILURES]:
            yield from finding_lines(finding, about=True)
        yield _rest(rule_id, len(listed) - MOST_FAILURES)
    if not failed:
        yield Text("No rule failed.\n", style="green")
    if unknown:
        yield Text("Could not be decided", style="bold underline")
        for rule_id, group in groupby(unknown, key=lambda finding: finding["rule_id"]):
            listed = list(group)
            for finding in listed[:MOST_UNKNOWN]:
                yield from finding_lines(finding | {"evidence": []}, about=True)
            yield _rest(rule_id, len(listed) - MOST_UNKNOWN)
    yield _counts_table(counts)


def _rest(rule_id: str, amount: int) -> RenderableType:
    """What is not shown, or an empty line."""
    from rich.text import Text

    words = f"    and {amount:,} more: siplens check {rule_id} --format csv\n" if amount > 0 else ""
    return Text(words, style="dim")


def _rule_heading(finding: Row, title: str, amount: int) -> Iterator[RenderableType]:
    from rich.text import Text

    from siplens.report.text import visible

    yield Text.assemble(
        (f"{finding['rule_id']}  {visible(title)}", "bold underline"),
        (f"  {amount} failed; 'siplens explain {finding['rule_id']}' says what to do", "dim"),
    )


def _counts_table(counts: list[RuleCount]) -> RenderableType:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from siplens.cli.rows import SEVERITY_STYLES
    from siplens.report.text import visible

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for name in ("rule", "severity", "title"):
        table.add_column(name)
    for name in ("pass", "fail", "unknown"):
        table.add_column(name, justify="right")
    for count in counts:
        table.add_row(
            count.rule_id,
            Text(count.severity.value, style=SEVERITY_STYLES[count.severity.value]),
            visible(count.title),
            Text(str(count.passed), style="green" if count.passed else "dim"),
            Text(str(count.failed), style="bold red" if count.failed else "dim"),
            Text(str(count.unknown), style="yellow" if count.unknown else "dim"),
        )
    return table
