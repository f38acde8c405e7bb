"""The time that a report is about: calls that began in it, by the calendar of a time zone, and the period before it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siplens.errors import SiplensError

LAST = ("last-day", "last-week", "last-month", "last-quarter", "last-year")
"""Whole periods before today; a week begins on Monday."""
_NAMED = re.compile(r"(\d{4})(?:-(?:Q([1-4])|W(\d\d)|(\d\d)(?:-(\d\d))?))?")
_MIDNIGHT = dt.time()


@dataclass(frozen=True, slots=True)
class Period:
    """Calls that began from `since` until just before `until` (naive UTC); None leaves that end open."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    zone: str = "UTC"
    """Time zone by whose clock the period is told, and by whose midnight its days begin."""

    def as_params(self) -> dict[str, dt.datetime | None]:
        """$since and $until for the queries in report/sql."""
        return {"since": self.since, "until": self.until}

    @property
    def local_since(self) -> dt.datetime | None:
        """`since` by the clock of the zone."""
        return self._local(self.since)

    @property
    def local_until(self) -> dt.datetime | None:
        """`until` by the clock of the zone."""
        return self._local(self.until)

    @property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """The first day and the day after the last, by the calendar of the zone; None where an end is open."""
        since, until = self.local_since, self.local_until
        if since is None or until is None:
            return None
        return since.date(), max(since.date(), (until - dt.timedelta(microseconds=1)).date()) + dt.timedelta(days=1)

    def words(self) -> str:
        """The period for reading, such as `2026-03-02 to 2026-03-08 (Europe/Berlin)`; `all time` where it has no ends."""
        since, until = self.local_since, self.local_until
        if since is None and until is None:
            return "all time"
        if since is None or until is None:
            end = f"from {since:%Y-%m-%d %H:%M}" if since else f"until {until:%Y-%m-%d %H:%M}"
            return f"{end} ({self.zone})"
        if since.time() == until.time() == _MIDNIGHT and self.days:
            first, last = self.days[0], self.days[1] - dt.timedelta(days=1)
            return f"{first} ({self.zone})" if first == last else f"{first} to {last} ({self.zone})"
        return f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} ({self.zone})"

    def _local(self, moment: dt.datetime | None) -> dt.datetime | None:
        if moment is None:
            return None
        return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises SiplensError."""
    try:
        return ZoneInfo("UTC" if name.upper() in ("UTC", "Z") else name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SiplensError(f"--tz {name}: there is no such time zone", hint="use UTC, or a name such as Europe/Berlin") from error


def named_period(text: str, zone: ZoneInfo, now: dt.datetime) -> Period:
    """The period that the user named, such as last-week, 2026-03 or 2026-W10, as the calendar of `zone` has it.

    now: with its zone; last-week is the whole week before its day. A day may have 23 or 25 hours. Raises SiplensError.
    """
    if text in LAST:
        return days_period(*_last(text.removeprefix("last-"), now.astimezone(zone).date()), zone)
    parts = _NAMED.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        return days_period(*_dates(parts), zone)
    except ValueError as error:
        hint = f"write one of {', '.join(LAST)}, or 2026, 2026-Q1, 2026-03, 2026-W10, 2026-03-07"
        raise SiplensError(f"--period {text}: not a period", hint=hint) from error


def days_period(first: dt.date, after: dt.date, zone: ZoneInfo) -> Period:
    """From the midnight on which `first` begins to that on which `after` begins, in `zone`."""
    return Period(midnight(first, zone), midnight(after, zone), zone.key)


def midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """When `day` begins in `zone`, as naive UTC; past the gap where a change to daylight saving skips midnight."""
    return dt.datetime.combine(day, _MIDNIGHT, zone).astimezone(dt.UTC).replace(tzinfo=None)


def _last(unit: str, today: dt.date) -> tuple[dt.date, dt.date]:
    """The last whole day, week … before `today`: its first day, and the day after it."""
    if unit == "day":
        return today - dt.timedelta(days=1), today
    if unit == "week":
        after = today - dt.timedelta(days=today.weekday())
        return after - dt.timedelta(days=7), after
    length = {"month": 1, "quarter": 3, "year": 12}[unit]
    after = dt.date(today.year, (today.month - 1) // length * length + 1, 1)
    return _months_on(after, -length), after


def _dates(parts: re.Match[str]) -> tuple[dt.date, dt.date]:
    """First day and the day after the last of what _NAMED matched. Raises ValueError where there is no such day."""
    year, quarter, week, month, day = (int(part) if part else None for part in parts.groups())
    assert year is not None  # the pattern has it in front
    if week:
        first = dt.date.fromisocalendar(year, week, 1)
        return first, first + dt.timedelta(days=7)
    if day and month:
        first = dt.date(year, month, day)
        return first, first + dt.timedelta(days=1)
    first = dt.date(year, month or (3 * quarter - 2 if quarter else 1), 1)
    return first, _months_on(first, 1 if month else 3 if quarter else 12)


def _months_on(day: dt.date, months: int) -> dt.date:
    total = day.year * 12 + day.month - 1 + months
    return day.replace(year=total // 12, month=total % 12 + 1)
