"""`siplens report`: what happened, or how a period kept to what was expected, as one HTML page, Markdown, or a form for programs."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, FailOn
from siplens.cli.options import Databases, Redact, RedactKey

if TYPE_CHECKING:
    from siplens.report.period import Period


class Kind(StrEnum):
    """What a report is about."""

    incident = "incident"
    compliance = "compliance"


TITLES = {Kind.incident: "Media bypass report", Kind.compliance: "Media bypass compliance"}


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
    kind: Annotated[
        Kind,
        typer.Option(
            case_sensitive=False,
            help="incident: what happened in this evidence. compliance: how a period kept to what was expected, against the one before.",
        ),
    ] = Kind.incident,
    title: Annotated[str | None, typer.Option(help="Title of the report.", show_default=False)] = None,
    fail_on: Annotated[FailOn, typer.Option(help="JUnit: a case fails from this severity on.", case_sensitive=False)] = FailOn.high,
    period: Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="last-day, last-week, last-month, last-quarter, last-year, or 2026-03, 2026-W10, 2026-03-07."),
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only calls from this time on, such as 2026-01-31 or 2026-01-31T08:00.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Only calls before this time.")] = None,
    zone: Annotated[
        str,
        typer.Option("--tz", metavar="ZONE", help="Time zone of the period, and of its days, such as Europe/Berlin."),
    ] = "UTC",
    redact: Redact = False,
    redact_key: RedactKey = None,
    db: Databases = DEFAULT_DATABASES,
) -> None:
    """Write a report as one HTML page, as Markdown, or in a form for programs.

    An incident report has a summary, findings with proof and fix, calls, ladders, peers, and what could not be known. A compliance
    report has bypass expected against observed per trunk, site and day, changes against the period before, refusals per peer,
    waivers and versions. JSON is described by 'siplens schema report'. SARIF lists the findings of the period, whatever the kind.
    """
    from siplens.cli import console
    from siplens.cli.database import judged, redacted
    from siplens.report.forms import ReportForm, form_of, gather_report, write_report
    from siplens.rules import Severity

    output = output or Path(DEFAULT_NAME + SUFFIXES[form or "html"])
    wanted = ReportForm(form) if form else ReportForm.html if output == STDOUT else form_of(output)
    threshold = None if fail_on is FailOn.never else Severity(fail_on.value)
    chosen = chosen_period(period, since, until, zone)
    title = title or TITLES[kind]
    with judged(db) as store:
        shown = redacted(store, redact, redact_key)
        facts = gather_report(shown, wanted, chosen, title=title, compliance=kind is Kind.compliance)
    text = write_report(facts, wanted, threshold=threshold)
    if output == STDOUT:
        console.write(text)
        return
    save(output, text)
    console.write(f"{output}\n")


STDOUT = Path("-")


def chosen_period(name: str | None, since: str | None, until: str | None, zone_name: str) -> Period:
    """The period of --period, or of --since and --until, by the clock of --tz. Raises SiplensError."""
    from siplens.errors import SiplensError
    from siplens.report.period import Period, named_period, read_zone

    zone = read_zone(zone_name)
    if name is None:
        first, last = moment("--since", since, zone), moment("--until", until, zone)
        if first and last and first >= last:
            raise SiplensError(f"--since {since} --until {until}: the period ends before it begins", hint="exchange the two")
        return Period(first, last, zone.key)
    if since or until:
        raise SiplensError("--period and --since or --until exclude each other", hint="give either a period or its ends")
    return named_period(name, zone, dt.datetime.now(dt.UTC))


def moment(option: str, text: str | None, zone: dt.tzinfo = dt.UTC) -> dt.datetime | None:
    """A time that the user typed, as naive UTC; without an offset of its own it is meant by the clock of `zone`. Raises SiplensError."""
    from siplens.errors import SiplensError

    if text is None:
        return None
    try:
        parsed = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise SiplensError(f"{option} {text}: not a time", hint="write it as 2026-01-31 or 2026-01-31T08:00") from error
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(dt.UTC).replace(tzinfo=None)


def save(path: Path, text: str) -> None:
    """Writes a file whole or not at all."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
