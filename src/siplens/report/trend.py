"""Trends: the rates of a period against those of the one before, and day by day. For report, explorer and command line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from siplens.report.fetch import Row, fetch
from siplens.store import Store

DAYS = 7
SCOPES = ("all", "trunk", "site", "peer", "rule")
MARKED = ("better", "worse", "more", "less")
"""Marks of a change that chance does not explain."""
WORDS = {
    "answered": "answered",
    "bypass_as_expected": "bypass as expected",
    "bypassed": "bypassed",
    "one_way": "one-way media",
    "failed": "failed",
}


@dataclass(frozen=True, slots=True)
class Trend:
    """Both periods, and what changed."""

    since: dt.date | None
    until: dt.date | None
    """The day after the last one; None where there is no call at all."""
    rows: list[Row]
    """As report/sql/trend.sql has them."""
    zone: str = "UTC"
    """By whose clock the days begin. What rules judged and what was pruned is known by days of UTC alone."""

    @property
    def days(self) -> int:
        """Days of each of the two periods."""
        return (self.until - self.since).days if self.since and self.until else 0

    @property
    def changes(self) -> list[Row]:
        """Only what is marked."""
        return [row for row in self.rows if row["mark"] in MARKED]


def read_trend(store: Store, until: dt.date | None = None, days: int = DAYS, zone: str = "UTC") -> Trend:
    """The `days` days before `until`, by the clock of `zone`, against those before them; without `until`, up to the last with calls."""
    if until is None:
        last: dt.date | None = store.value("select max(day) from rates_of_days(?) where scope <> 'rule'", [zone])
        until = last + dt.timedelta(days=1) if last else None
    if until is None:
        return Trend(None, None, [], zone)
    since = until - dt.timedelta(days=days)
    return Trend(since, until, fetch(store, "trend", since=since, until=until, zone=zone), zone)


def read_days(store: Store, since: dt.date, until: dt.date, zone: str = "UTC") -> list[Row]:
    """One row per day by the clock of `zone`, scope, name and measure from `since` until just before `until`, in that order."""
    return fetch(store, "trend_days", since=since, until=until, zone=zone)


def one_by_day(store: Store, trend: Trend, row: Row) -> list[Row]:
    """The days of both periods of the rate that `row` is about."""
    if not trend.since or not trend.until:
        return []
    days = read_days(store, trend.since - dt.timedelta(days=trend.days), trend.until, trend.zone)
    return [day for day in days if all(day[part] == row[part] for part in ("scope", "name", "measure"))]


def percent(rate: float | None) -> str:
    """A rate for reading; – where nothing could be decided."""
    return "–" if rate is None else f"{100 * rate:.1f} %" if 0 < rate < 0.1 or 0.9 < rate < 1 else f"{100 * rate:.0f} %"


def interval(low: float | None, high: float | None) -> str:
    """An interval for reading."""
    return "" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f} %"
