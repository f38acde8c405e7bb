"""Dates and times of log lines into microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from siplens.errors import SiplensError

_ORDERS = {"mdy": (2, 0, 1), "dmy": (2, 1, 0), "ymd": (0, 1, 2)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Clock:
    """Reads dates in one order and one zone. Minutes are kept, because a log has many records in each."""

    def __init__(self, zone: tzinfo, date_order: str) -> None:
        if date_order not in _ORDERS:
            raise SiplensError(f"date order {date_order} is not known", hint="use mdy, dmy or ymd")
        self._zone, self._order = zone, _ORDERS[date_order]
        self._minute = lru_cache(maxsize=4096)(self._minute_us)

    def micros(self, date: str, time: str) -> int | None:
        """date: three numbers with / or - between; time: H:MM:SS.mmm. None where they are no date or time."""
        hour_minute, _, seconds = time.rpartition(":")
        minute = self._minute(date, hour_minute)
        if minute is None:
            return None
        whole, _, fraction = seconds.replace(",", ".").partition(".")
        return minute + int(whole) * 1_000_000 + (int(fraction.ljust(6, "0")[:6]) if fraction else 0)

    def _minute_us(self, date: str, hour_minute: str) -> int | None:
        parts = [int(part) for part in date.replace("-", "/").split("/")]
        hour, minute = (int(part) for part in hour_minute.split(":"))
        year, month, day = (parts[place] for place in self._order)
        try:
            return (datetime(year, month, day, hour, minute, tzinfo=self._zone) - _EPOCH) // timedelta(microseconds=1)
        except (ValueError, OverflowError):
            return None
