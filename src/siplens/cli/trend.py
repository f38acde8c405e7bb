"""`siplens trend`: rates per trunk, site, peer and rule, against the period before."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import DEFAULT_DATABASES, Format
from siplens.cli.options import Databases, Output

if TYPE_CHECKING:
    from siplens.report.fetch import Row
    from siplens.report.trend import Trend

COLUMNS = (
    "scope",
    "name",
    "measure",
    "hits",
    "total",
    "unknown",
    "rate",
    "low",
    "high",
    "hits_before",
    "total_before",
    "rate_before",
    "change",
    "change_low",
    "change_high",
    "mark",
)
DAY_COLUMNS = ("scope", "name", "measure", "day", "hits", "total", "unknown", "rate", "low", "high")


class Scope(StrEnum):
    """Of what."""

    all = "all"
    trunk = "trunk"
    site = "site"
    peer = "peer"
    rule = "rule"


def trend(
    scope: Annotated[Scope | None, typer.Option(help="Only all calls together, trunks, sites, peers or rules.")] = None,
    name: Annotated[str | None, typer.Option(help="Only the trunk, site, peer or rule of this name.")] = None,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days of the period; the one before has as many.")] = 7,
    until: Annotated[
        str | None, typer.Option(metavar="DAY", help="The period ends before this day; after the last call, if not given.")
    ] = None,
    tz: Annotated[
        str,
        typer.Option("--tz", metavar="ZONE", help="By whose clock days begin, such as Europe/Berlin. Rules and pruned calls: UTC."),
    ] = "UTC",
    daily: Annotated[bool, typer.Option("--daily", help="Day by day, instead of the period against the one before.")] = False,
    changes: Annotated[bool, typer.Option("--changes", help="Only what has changed by more than chance.")] = False,
    db: Databases = DEFAULT_DATABASES,
    fmt: Output = Format.table,
) -> None:
    """Show rates with their 95 % intervals, and what changed against the period before: marked only where the intervals allow.

    answered, bypass_as_expected, bypassed and one_way are shares of calls; failed is the share of what a rule judged. Calls that
    were pruned are counted too.
    """
    from siplens.cli.database import judged
    from siplens.cli.rows import emit
    from siplens.report.period import read_zone
    from siplens.report.trend import read_days, read_trend

    zone = read_zone(tz).key
    with judged(db) as store:
        found = read_trend(store, _day(until), days, zone)
        listed = read_days(store, found.since, found.until, zone) if daily and found.since and found.until else found.rows
    rows = [row for row in listed if (scope is None or row["scope"] == scope.value) and (name is None or row["name"] == name)]
    if daily:
        emit(rows, DAY_COLUMNS, fmt)
        return
    rows = [row for row in rows if not changes or row in found.changes]
    if fmt is Format.table:
        _print(found, rows)
    else:
        emit(rows, COLUMNS, fmt)


def _print(found: Trend, rows: list[Row]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from siplens.cli import console
    from siplens.report.text import visible
    from siplens.report.trend import WORDS, interval, percent

    if not found.since or not found.until:
        console.show(Text("There is no call yet."))
        return
    before = found.since - dt.timedelta(days=found.days)
    last = found.until - dt.timedelta(days=1)
    title = f"{found.since} to {last}, against {before} to {found.since - dt.timedelta(days=1)} ({found.zone}); intervals are 95 %"
    table = Table(
        box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False, show_edge=False, header_style="bold"
    )
    for column in ("of", "name", "measure"):
        table.add_column(column)
    for column in ("rate", "interval", "of cases", "before", "interval", "of cases", "change"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("mark")
    styles = {"better": "green", "worse": "bold red", "more": "cyan", "less": "cyan"}
    for row in rows:
        change = "" if row["change"] is None else f"{100 * row['change']:+.1f}"
        table.add_row(
            row["scope"],
            visible(row["name"]),
            WORDS[row["measure"]],
            percent(row["rate"]),
            interval(row["low"], row["high"]),
            f"{row['total']:,}",
            percent(row["rate_before"]),
            interval(row["low_before"], row["high_before"]),
            f"{row['total_before']:,}",
            change,
            Text(row["mark"], style=styles.get(row["mark"], "dim")),
        )
    console.show(table)


def _day(text: str | None) -> dt.date | None:
    from siplens.errors import SiplensError

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise SiplensError(f"--until {text}: not a day", hint="write it as 2026-01-31") from error
