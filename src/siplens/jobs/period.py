"""The period that a report covers: whole days, weeks or months, by the calendar of a named time zone."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from siplens.jobs.recurrence import instant

PERIODS = ("last day", "last week", "last month", "all")


class Span(NamedTuple):
    """From `since` until just before `until`, naive UTC as the store has times; None leaves an end open."""

    since: dt.datetime | None
    until: dt.datetime | None
    title: str
    """For people and file names: 2026-03-29, 2026-W13, 2026-03, all."""


def span(period: str, moment: dt.datetime, zone: ZoneInfo) -> Span:
    """The last whole day, week (from Monday) or month before `moment`. A day may have 23 or 25 hours."""
    today = moment.astimezone(zone).date()
    if period == "last day":
        first, after = today - dt.timedelta(days=1), today
        title = first.isoformat()
    elif period == "last week":
        after = today - dt.timedelta(days=today.weekday())
        first = after - dt.timedelta(days=7)
        year, week, _ = first.isocalendar()
        title = f"{year}-W{week:02d}"
    elif period == "last month":
        after = today.replace(day=1)
        first = (after - dt.timedelta(days=1)).replace(day=1)
        title = f"{first:%Y-%m}"
    else:
        return Span(None, None, "all")
    return Span(_midnight(first, zone), _midnight(after, zone), title)


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return instant(dt.datetime.combine(day, dt.time()), zone).replace(tzinfo=None)
