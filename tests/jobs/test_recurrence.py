"""When a job is due, by a clock that daylight saving moves, at month ends and on leap days. The clock of the tests stands still."""

from __future__ import annotations

import datetime as dt
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest

from siplens.jobs.period import span
from siplens.jobs.recurrence import Recurrence, firing, parse

BERLIN, NEW_YORK, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kolkata")


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def recurrence(text: str) -> Recurrence:
    found = parse(text)
    assert found is not None
    return found


def due(text: str, after: str, zone: ZoneInfo, times: int = 3) -> list[str]:
    found = islice(recurrence(text).due_after(utc(after), zone), times)
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in found]


@pytest.mark.parametrize(
    ("text", "after", "zone", "expected"),
    [
        # The clock goes forward: 29 March 2026 in Berlin at 02:00, 8 March 2026 in New York at 02:00.
        ("daily 06:00", "2026-03-27 12:00", BERLIN, ["2026-03-28 05:00", "2026-03-29 04:00", "2026-03-30 04:00"]),
        ("daily 02:30", "2026-03-27 12:00", BERLIN, ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]),
        ("daily 06:00", "2026-03-06 12:00", NEW_YORK, ["2026-03-07 11:00", "2026-03-08 10:00", "2026-03-09 10:00"]),
        ("daily 02:30", "2026-03-06 12:00", NEW_YORK, ["2026-03-07 07:30", "2026-03-08 07:30", "2026-03-09 06:30"]),
        # And back: 25 October 2026 in Berlin at 03:00, 1 November 2026 in New York at 02:00.
        ("daily 06:00", "2026-10-23 12:00", BERLIN, ["2026-10-24 04:00", "2026-10-25 05:00", "2026-10-26 05:00"]),
        ("daily 02:30", "2026-10-23 12:00", BERLIN, ["2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"]),
        ("daily 06:00", "2026-10-30 12:00", NEW_YORK, ["2026-10-31 10:00", "2026-11-01 11:00", "2026-11-02 11:00"]),
        ("daily 01:30", "2026-10-30 12:00", NEW_YORK, ["2026-10-31 05:30", "2026-11-01 05:30", "2026-11-02 06:30"]),
        # Hours are hours: one an hour, also where the clock shows one twice.
        ("hourly :15", "2026-10-25 00:00", BERLIN, ["2026-10-25 00:15", "2026-10-25 01:15", "2026-10-25 02:15"]),
        ("hourly :15", "2026-03-01 00:00", KOLKATA, ["2026-03-01 00:45", "2026-03-01 01:45", "2026-03-01 02:45"]),
        # Month ends and leap days.
        ("monthly last 23:30", "2027-12-31 23:00", BERLIN, ["2028-01-31 22:30", "2028-02-29 22:30", "2028-03-31 21:30"]),
        ("monthly 31 00:10", "2026-01-31 12:00", NEW_YORK, ["2026-02-28 05:10", "2026-03-31 04:10", "2026-04-30 04:10"]),
        ("monthly 29 12:00", "2027-02-01 00:00", BERLIN, ["2027-02-28 11:00", "2027-03-29 10:00", "2027-04-29 10:00"]),
        ("monthly 29 12:00", "2028-02-01 00:00", BERLIN, ["2028-02-29 11:00", "2028-03-29 10:00", "2028-04-29 10:00"]),
        ("monthly 1 00:00", "2026-12-15 00:00", NEW_YORK, ["2027-01-01 05:00", "2027-02-01 05:00", "2027-03-01 05:00"]),
        # Weeks.
        ("weekly sun 02:30", "2026-03-20 00:00", BERLIN, ["2026-03-22 01:30", "2026-03-29 01:30", "2026-04-05 00:30"]),
        ("weekly Monday 7:00", "2026-12-27 00:00", BERLIN, ["2026-12-28 06:00", "2027-01-04 06:00", "2027-01-11 06:00"]),
        ("weekdays 06:00", "2026-03-27 12:00", BERLIN, ["2026-03-30 04:00", "2026-03-31 04:00", "2026-04-01 04:00"]),
    ],
)
def test_due_by_the_clock_on_the_wall(text: str, after: str, zone: ZoneInfo, expected: list[str]) -> None:
    assert due(text, after, zone) == expected


def test_a_moment_that_is_due_is_not_after_itself() -> None:
    assert due("daily 06:00", "2026-03-28 05:00", BERLIN, 1) == ["2026-03-29 04:00"]


@pytest.mark.parametrize(
    "text", ["daily", "daily 24:00", "weekly foo 06:00", "monthly 0 06:00", "monthly 32 06:00", "hourly :60", "at six", ""]
)
def test_what_names_no_time(text: str) -> None:
    assert parse(text) is None


def test_missed_runs_are_all_those_since_the_last() -> None:
    daily = recurrence("daily 06:00")
    missed = daily.missed(utc("2026-03-27 05:00"), utc("2026-03-30 04:00"), BERLIN)
    assert missed == [utc("2026-03-28 05:00"), utc("2026-03-29 04:00"), utc("2026-03-30 04:00")]
    assert daily.missed(utc("2026-03-30 04:00"), utc("2026-03-30 05:00"), BERLIN) == []
    assert daily.missed(None, utc("2026-03-30 05:00"), BERLIN) == [utc("2026-03-30 04:00")], "the first run looks at one day only"


@pytest.mark.parametrize(
    ("period", "moment", "zone", "since", "until", "title"),
    [
        ("last day", "2026-03-30 04:00", BERLIN, "2026-03-28 23:00", "2026-03-29 22:00", "2026-03-29"),  # 23 hours
        ("last day", "2026-10-26 05:00", BERLIN, "2026-10-24 22:00", "2026-10-25 23:00", "2026-10-25"),  # 25 hours
        ("last day", "2026-03-09 10:00", NEW_YORK, "2026-03-08 05:00", "2026-03-09 04:00", "2026-03-08"),
        ("last day", "2026-11-02 11:00", NEW_YORK, "2026-11-01 04:00", "2026-11-02 05:00", "2026-11-01"),
        ("last day", "2028-03-01 05:00", BERLIN, "2028-02-28 23:00", "2028-02-29 23:00", "2028-02-29"),
        ("last day", "2026-03-29 22:30", BERLIN, "2026-03-28 23:00", "2026-03-29 22:00", "2026-03-29"),  # already Monday there
        ("last week", "2026-03-30 04:00", BERLIN, "2026-03-22 23:00", "2026-03-29 22:00", "2026-W13"),
        ("last week", "2027-01-04 06:00", BERLIN, "2026-12-27 23:00", "2027-01-03 23:00", "2026-W53"),
        ("last month", "2026-03-31 22:30", BERLIN, "2026-02-28 23:00", "2026-03-31 22:00", "2026-03"),  # already April there
        ("last month", "2028-03-05 00:00", NEW_YORK, "2028-02-01 05:00", "2028-03-01 05:00", "2028-02"),
    ],
)
def test_the_period_of_a_report(period: str, moment: str, zone: ZoneInfo, since: str, until: str, title: str) -> None:
    found = span(period, utc(moment), zone)
    assert (f"{found.since:%Y-%m-%d %H:%M}", f"{found.until:%Y-%m-%d %H:%M}", found.title) == (since, until, title)


def test_days_follow_each_other_without_gap_or_overlap() -> None:
    daily = recurrence("daily 02:30")
    spans = [span("last day", moment, NEW_YORK) for moment in islice(daily.due_after(utc("2027-12-01 00:00"), NEW_YORK), 400)]
    assert all(one.until == other.since for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "zone", "machine", "expected"),
    [
        ("daily 06:00", BERLIN, BERLIN, {0: (6,)}),
        ("daily 02:30", BERLIN, BERLIN, {30: (2, 3)}),  # 03:30 on the day when there is no 02:30
        ("daily 06:00", BERLIN, ZoneInfo("UTC"), {0: (4, 5)}),
        ("daily 06:00", BERLIN, KOLKATA, {30: (9, 10)}),
        ("daily 06:00", KOLKATA, NEW_YORK, {30: (19, 20)}),
    ],
)
def test_the_same_times_by_the_clock_of_another_machine(
    text: str, zone: ZoneInfo, machine: ZoneInfo, expected: dict[int, tuple[int, ...]]
) -> None:
    assert firing(recurrence(text), zone, machine, utc("2026-01-01 00:00")).hours == expected
