"""`siplens report`: the findings, calls and ladders of a period as one HTML page, or as Markdown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from siplens.cli.options import DEFAULT_DATABASES, Databases, Since, Until


def report(
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to: a .html or .md file.")] = Path(
        "siplens-report.html"
    ),
    title: Annotated[str, typer.Option(help="Title of the report.")] = "Media bypass report",
    since: Since = None,
    until: Until = None,
    db: Databases = DEFAULT_DATABASES,
) -> None:
    """Write a report: summary, findings with proof and fix, calls, ladders, peers, and what could not be known."""
    from siplens.cli import console
    from siplens.cli.database import judged
    from siplens.errors import SiplensError
    from siplens.report.facts import Period, gather
    from siplens.report.render import render_html, render_markdown

    writers = {".html": render_html, ".htm": render_html, ".md": render_markdown}
    writer = writers.get(output.suffix.lower())
    if writer is None:
        raise SiplensError(f"{output}: its ending names no form of report", hint="endings known: .html, .md")
    period = Period(moment("--since", since), moment("--until", until))
    with judged(db) as store:
        text = writer(gather(store, period, title=title))
    save(output, text)
    console.write(f"{output}\n")


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
