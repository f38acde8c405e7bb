"""When a job is due: a time of day on some days, by the clock on the wall of a named time zone.

Daylight saving: a time that the clock jumps over is due when as much time has passed as if it had not jumped (02:30 becomes
03:30 that day); a time that the clock shows twice is due the first time only. A day that the month lacks is its last day.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORMS = "hourly :15, daily 06:00, weekdays 06:00, weekly mon 06:00, monthly 1 06:00, monthly last 06:00"
LAST = 31
_FORM = re.compile(
    r"(?:hourly :(?P<past>[0-5]\d)"
    r"|(?P<kind>daily|weekdays|weekly (?P<weekday>[a-z]+)|monthly (?P<day>\d{1,2}|last))"
    r" (?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d))"
)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One line of the calendar. Exactly one of hourly, weekdays and day says on which days; neither: on all."""

    hour: int
    minute: int
    hourly: bool = False
    weekdays: tuple[int, ...] = ()
    """0 is Monday."""
    day: int | None = None
    """Day of the month; 31 is the last one of every month."""

    def due_after(self, moment: dt.datetime, zone: ZoneInfo) -> Iterator[dt.datetime]:
        """Every time it is due after `moment`, without end, in UTC. Both are aware times."""
        if self.hourly:
            start = moment.astimezone(dt.UTC).replace(second=0, microsecond=0)
            ticks = (start + dt.timedelta(minutes=step) for step in range(10_000_000))
            yield from (tick for tick in ticks if tick > moment and tick.astimezone(zone).minute == self.minute)
            return
        day = moment.astimezone(zone).date() - dt.timedelta(days=1)
        while True:
            if self._is_on(day) and (due := instant(dt.datetime.combine(day, dt.time(self.hour, self.minute)), zone)) > moment:
                yield due
            day += dt.timedelta(days=1)

    def next_after(self, moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
        """The first time it is due after `moment`, in UTC."""
        return next(self.due_after(moment, zone))

    def missed(self, since: dt.datetime | None, now: dt.datetime, zone: ZoneInfo) -> list[dt.datetime]:
        """Every time it was due after `since` and until `now`, oldest first; without `since` the last time it was due, if in 40 days."""
        due: list[dt.datetime] = []
        for moment in self.due_after(since or now - dt.timedelta(days=40), zone):
            if moment > now:
                break
            due.append(moment)
        return due if since else due[-1:]

    def _is_on(self, day: dt.date) -> bool:
        if self.weekdays:
            return day.weekday() in self.weekdays
        if self.day is not None:
            return day.day == min(self.day, calendar.monthrange(day.year, day.month)[1])
        return True

    def words(self) -> str:
        """For reading: `every day at 06:00`."""
        if self.hourly:
            return f"every hour at {self.minute} minutes past"
        if self.weekdays == (0, 1, 2, 3, 4):
            days = "from Monday to Friday"
        elif self.weekdays:
            days = f"every {calendar.day_name[self.weekdays[0]]}"
        elif self.day is not None:
            days = "on the last day of every month" if self.day == LAST else f"on day {self.day} of every month"
            days += " (its last day where it has fewer)" if 28 < self.day < LAST else ""
        else:
            days = "every day"
        return f"{days} at {self.hour:02d}:{self.minute:02d}"


def parse(text: str) -> Recurrence | None:
    """The recurrence that the text names, such as `daily 06:00`; None where it names none. FORMS lists them."""
    found = _FORM.fullmatch(" ".join(text.lower().split()))
    if not found:
        return None
    if found["past"]:
        return Recurrence(0, int(found["past"]), hourly=True)
    hour, minute = int(found["hour"]), int(found["minute"])
    if found["weekday"]:
        named = [number for number, name in enumerate(calendar.day_name) if found["weekday"] in (name.lower(), WEEKDAYS[number])]
        return Recurrence(hour, minute, weekdays=tuple(named)) if named else None
    if found["day"]:
        day = LAST if found["day"] == "last" else int(found["day"])
        return Recurrence(hour, minute, day=day) if 1 <= day <= LAST else None
    return Recurrence(hour, minute, weekdays=(0, 1, 2, 3, 4) if found["kind"] == "weekdays" else ())


def instant(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """When the clock in `zone` shows `wall`, in UTC: the first time where it does so twice; past the gap where it never does."""
    return wall.replace(tzinfo=zone, fold=0).astimezone(dt.UTC)


class Firing(NamedTuple):
    """When a unit must start a job so that none of its times is missed, by the clock of one machine."""

    hours: dict[int, tuple[int, ...]]
    """Minute → hours; 24 of them for every hour."""
    weekdays: tuple[int, ...]
    """0 is Monday; all seven where any day will do."""
    days: tuple[int, ...]
    """Days of the month; empty where any will do."""


def firing(recurrence: Recurrence, zone: ZoneInfo, machine: ZoneInfo, start: dt.datetime) -> Firing:
    """The firing that covers every time the job is due in the next ten years, by the clock of a machine in `machine`.

    One hour where both zones are the same, and more only for times of day that daylight saving moves: a start at which nothing
    is due ends at once.
    """
    hours: dict[int, set[int]] = {}
    weekdays: set[int] = set()
    days: set[int] = set()
    horizon = start + dt.timedelta(days=400 if recurrence.hourly else 3653)
    for due in takewhile(lambda moment: moment <= horizon, recurrence.due_after(start, zone)):
        here = due.astimezone(machine)
        hours.setdefault(here.minute, set()).add(here.hour)
        weekdays.add(here.weekday())
        days.add(here.day)
    return Firing(
        {minute: tuple(sorted(found)) for minute, found in sorted(hours.items())},
        tuple(sorted(weekdays)),
        tuple(sorted(days)) if recurrence.day is not None else (),
    )
