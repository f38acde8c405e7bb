"""A period is told by the calendar of a time zone; its ends are UTC."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from siplens.errors import SiplensError
from siplens.report.period import Period, named_period, read_zone

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
NOW = dt.datetime(2026, 4, 1, 3, 30, tzinfo=dt.UTC)  # 05:30 on 1 April in Berlin, 23:30 on 31 March in New York


@pytest.mark.parametrize(
    ("name", "zone", "since", "until"),
    [
        ("last-day", BERLIN, "2026-03-30 22:00", "2026-03-31 22:00"),
        ("last-day", NEW_YORK, "2026-03-30 04:00", "2026-03-31 04:00"),
        ("last-week", BERLIN, "2026-03-22 23:00", "2026-03-29 22:00"),  # the clock went forward on the 29th: 167 hours
        ("last-month", BERLIN, "2026-02-28 23:00", "2026-03-31 22:00"),
        ("last-month", NEW_YORK, "2026-02-01 05:00", "2026-03-01 05:00"),  # it is still March there
        ("last-quarter", BERLIN, "2025-12-31 23:00", "2026-03-31 22:00"),
        ("last-year", BERLIN, "2024-12-31 23:00", "2025-12-31 23:00"),
        ("2026", ZoneInfo("UTC"), "2026-01-01 00:00", "2027-01-01 00:00"),
        ("2025-Q4", ZoneInfo("UTC"), "2025-10-01 00:00", "2026-01-01 00:00"),
        ("2028-02", ZoneInfo("UTC"), "2028-02-01 00:00", "2028-03-01 00:00"),
        ("2026-W01", ZoneInfo("UTC"), "2025-12-29 00:00", "2026-01-05 00:00"),
        ("2026-10-25", BERLIN, "2026-10-24 22:00", "2026-10-25 23:00"),  # 25 hours
    ],
)
def test_a_named_period(name: str, zone: ZoneInfo, since: str, until: str) -> None:
    found = named_period(name, zone, NOW)
    assert (f"{found.since:%Y-%m-%d %H:%M}", f"{found.until:%Y-%m-%d %H:%M}") == (since, until)


@pytest.mark.parametrize("name", ["yesterday", "2026-13", "2026-W54", "2026-02-30", "2026-Q5", ""])
def test_what_is_no_period_is_refused_with_the_forms_known(name: str) -> None:
    with pytest.raises(SiplensError, match="not a period") as caught:
        named_period(name, BERLIN, NOW)
    assert "last-week" in (caught.value.hint or "")


def test_what_is_no_time_zone_is_refused() -> None:
    with pytest.raises(SiplensError, match="no such time zone"):
        read_zone("Europe/Atlantis")


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(), "all time"),
        (named_period("2026-W10", BERLIN, NOW), "2026-03-02 to 2026-03-08 (Europe/Berlin)"),
        (named_period("2026-03-29", BERLIN, NOW), "2026-03-29 (Europe/Berlin)"),
        (Period(dt.datetime(2026, 3, 2, 8), None, "Europe/Berlin"), "from 2026-03-02 09:00 (Europe/Berlin)"),
        (Period(None, dt.datetime(2026, 3, 2)), "until 2026-03-02 00:00 (UTC)"),
        (Period(dt.datetime(2026, 3, 2, 8), dt.datetime(2026, 3, 2, 9)), "2026-03-02 08:00 to 2026-03-02 09:00 (UTC)"),
    ],
)
def test_a_period_in_words(period: Period, words: str) -> None:
    assert period.words() == words


def test_the_days_of_a_period_are_those_it_touches() -> None:
    assert Period(dt.datetime(2026, 3, 2, 8), dt.datetime(2026, 3, 3, 0, 1)).days == (dt.date(2026, 3, 2), dt.date(2026, 3, 4))
    assert named_period("2026-10-25", BERLIN, NOW).days == (dt.date(2026, 10, 25), dt.date(2026, 10, 26))
    assert Period(None, dt.datetime(2026, 3, 2)).days is None
