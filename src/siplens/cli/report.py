"""`siplens report`: the findings, calls and ladders of a period as one HTML page, or as Markdown, JSON, CSV, SARIF, JUnit."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.options import DEFAULT_DATABASES, Databases, FailOn, Since, Until


class Written(StrEnum):
    """The names of siplens.report.forms, here without loading what writes them."""

    html = "html"
    markdown = "markdown"
    json = "json"
    csv = "csv"
    sarif = "sarif"
    junit = "junit"


DEFAULT_NAME = "siplens-report"
SUFFIXES = {"html": ".html", "markdown": ".md", "json": ".json", "csv": ".csv", "sarif": ".sarif", "junit": ".xml"}


def report(
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to. Its ending names the form: .html, .md, .json, .csv (findings), .sarif, .xml (JUnit); - is stdout.",
            show_default="siplens-report.html",
        ),
    ] = None,
    form: Annotated[
        Written | None, typer.Option("--format", "-f", help="The form, where the ending does not name it.", case_sensitive=False)
    ] = None,
    title: Annotated[str, typer.Option(help="Title of the report.")] = "Media bypass report",
    fail_on: Annotated[FailOn, typer.Option(help="JUnit: a case fails from this severity on.", case_sensitive=False)] = FailOn.high,
    since: Since = None,
    until: Until = None,
    db: Databases = DEFAULT_DATABASES,
) -> None:
    """Write a report: summary, findings with proof and fix, calls, ladders, peers, and what could not be known.

    JSON is described by 'siplens schema report'.
    """
    from siplens.cli import console
    from siplens.cli.database import judged
    from siplens.report.facts import Period, gather
    from siplens.report.forms import ReportForm, form_of, write_report
    from siplens.rules import Severity

    output = output or Path(DEFAULT_NAME + SUFFIXES[form or "html"])
    wanted = ReportForm(form) if form else ReportForm.html if output == STDOUT else form_of(output)
    threshold = None if fail_on is FailOn.never else Severity(fail_on.value)
    period = Period(moment("--since", since), moment("--until", until))
    with judged(db) as store:
        text = write_report(gather(store, period, title=title), wanted, threshold=threshold)
    if output == STDOUT:
        console.write(text)
        return
    save(output, text)
    console.write(f"{output}\n")


STDOUT = Path("-")


def moment(option: str, text: str | None) -> dt.datetime | None:
    """A time that the user typed, as naive UTC. Raises SiplensError."""
    from siplens.errors import SiplensError

    if text is None:
        return None
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise SiplensError(f"{option} {text}: not a time", hint="write it as 2026-01-31 or 2026-01-31T08:00, in UTC") from error
    return parsed.astimezone(dt.UTC).replace(tzinfo=None) if parsed.tzinfo else parsed


def save(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
