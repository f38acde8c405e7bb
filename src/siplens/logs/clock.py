"""Dates and times of log lines into microseconds since 1970, UTC. What a log leaves out is supplied, and it is told what was."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache

from siplens.errors import SiplensError

_ORDERS = {"mdy": (2, 0, 1), "dmy": (2, 1, 0), "ymd": (0, 1, 2)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?")
_HOURS_OF = {
    "Z": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
}  # fmt: skip
"""Abbreviations that mean one offset. CST, IST and BST mean several: there the zone that was given counts."""
_DAY_US = 86_400_000_000


class Clock:
    """Reads dates in one order and one zone. Minutes are kept, because a log has many records in each.

    file_date: when the file was last changed; it supplies the year, or the whole date, where the log writes none.
    """

    def __init__(self, zone: tzinfo, date_order: str, file_date: date | None = None) -> None:
        if date_order not in _ORDERS:
            raise SiplensError(f"date order {date_order} is not known", hint="use mdy, dmy or ymd")
        self._zone, self._order, self._file_date = zone, _ORDERS[date_order], file_date
        self.date_order = date_order
        self.zone_is_told = True
        """False where nobody said which zone times without one are of, and UTC was taken."""
        self._minute = lru_cache(maxsize=4096)(self._minute_us)
        self._known_date: date | None = None
        self._days, self._latest = 0, -1
        self.supplied: set[str] = set()
        """year, date, zone: what the log left out and was supplied."""

    def micros(self, date: str, time: str, zone: str = "") -> int | None:
        """Microseconds since 1970, UTC; None where this is no date or time.

        date: three numbers with / - or . between, or a month's name with a day and perhaps a year, or two numbers (day, month); empty
        where the line has none: the last date that was told, or that of the file. time: H:MM:SS, perhaps with a fraction.
        zone: an offset such as +02:00, or an abbreviation such as CET; empty where the line has none.
        """
        hour_minute, _, seconds = time.rpartition(":")
        whole, _, fraction = seconds.replace(",", ".").partition(".")
        if not date:
            return self._without_date(hour_minute, whole, fraction, zone)
        minute = self._minute(date, hour_minute, zone)
        if minute is None or not whole.isdigit() or int(whole) > 60:
            return None
        return minute + int(whole) * 1_000_000 + (int(fraction.ljust(6, "0")[:6]) if fraction else 0)

    def minute_us(self, minutes: int) -> int:
        """Microseconds since 1970, UTC, of a minute that the log's own clock counts from 1970."""
        moment = datetime(1970, 1, 1) + timedelta(minutes=minutes)
        self.supplied.add("zone")
        return (moment.replace(tzinfo=self._zone) - _EPOCH) // timedelta(microseconds=1)

    def told_date(self, text: str) -> None:
        """Notes the date of another line, for those that have only a time."""
        if (parts := self._parts(text)) and parts != self._known_date:
            self._known_date, self._days, self._latest = parts, 0, -1

    def _without_date(self, hour_minute: str, whole: str, fraction: str, zone: str) -> int | None:
        if self._known_date is None:
            if self._file_date is None:
                return None
            self.supplied.add("date")
        minute = self._minute((self._known_date or self._file_date or _EPOCH).strftime("%Y-%m-%d"), hour_minute, zone)
        if minute is None or not whole.isdigit():
            return None
        found = minute + int(whole) * 1_000_000 + (int(fraction.ljust(6, "0")[:6]) if fraction else 0)
        if found < self._latest - _DAY_US // 2:  # the clock went past midnight
            self._days += 1
            self._latest = -1
        self._latest = max(self._latest, found)
        return found + self._days * _DAY_US

    def _minute_us(self, date: str, hour_minute: str, zone: str) -> int | None:
        day = self._parts(date)
        hour, _, minute = hour_minute.partition(":")
        if day is None or not hour.isdigit() or not minute.isdigit():
            return None
        try:
            moment = datetime(day.year, day.month, day.day, int(hour), int(minute), tzinfo=self._zone_of(zone))
            return (moment - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            return None

    def _zone_of(self, text: str) -> tzinfo:
        if text.upper() in _HOURS_OF:
            return timezone(timedelta(hours=_HOURS_OF[text.upper()]))
        if told := _OFFSET.fullmatch(text):
            away = timedelta(hours=int(told[2]), minutes=int(told[3] or 0))
            return timezone(-away if told[1] == "-" else away)
        self.supplied.add("zone")
        return self._zone

    def _parts(self, text: str) -> date | None:
        words = re.findall(r"[A-Za-z]{3,}|\d+", text)
        months = [_MONTHS[word[:3].lower()] for word in words if word[:3].lower() in _MONTHS]
        numbers = [word for word in words if word.isdigit()]
        years = [int(number) for number in numbers if len(number) == 4]
        others = [int(number) for number in numbers if len(number) != 4]
        year: int | None
        try:
            if months:
                year, month, day = (years[0] if years else None), months[0], others[0]
            elif len(numbers) == 2:
                year, day, month = None, *others
            elif years and len(numbers[0]) == 4:
                year, month, day = (int(number) for number in numbers)
            else:
                year, month, day = (int(numbers[place]) for place in self._order)
                year += 2000 if year < 100 else 0
            return self._in_some_year(month, day) if year is None else date(year, month, day)
        except (ValueError, IndexError):
            return None

    def _in_some_year(self, month: int, day: int) -> date | None:
        """Nothing that a file holds is later than its last change; a day is left for zones."""
        if self._file_date is None:
            return None
        self.supplied.add("year")
        latest = self._file_date + timedelta(days=1)
        for year in range(latest.year, latest.year - 5, -1):  # 29 February may be four years back
            try:
                if date(year, month, day) <= latest:
                    return date(year, month, day)
            except ValueError:
                continue
        return None
