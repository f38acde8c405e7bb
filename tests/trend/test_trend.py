"""The period against the one before: a change is marked only where both intervals allow it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.pipeline.derive import derive
from siplens.report.trend import interval, percent, read_days, read_trend
from siplens.store import Store, memory_store, open_store

WEEK = dt.date(2026, 3, 9)


def figures(store: Store, rows: list[tuple[str, str, str, str, int, int]]) -> None:
    """Pruned days stand for calls: their figures are given as they are."""
    store.con.executemany("INSERT INTO past_figure VALUES (?, ?, ?, ?, ?, ?, 0)", rows)


@pytest.fixture(scope="module")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("trend") / "weeks.duckdb"
    with open_store(path, write=True) as store:
        derive(store)
        figures(
            store,
            [
                ("2026-03-01", "trunk", "gw1", "bypass_as_expected", 50, 100),
                ("2026-03-02", "trunk", "gw1", "bypass_as_expected", 45, 100),
                ("2026-03-09", "trunk", "gw1", "bypass_as_expected", 180, 200),  # 47 % to 90 %
                ("2026-03-01", "trunk", "gw2", "bypass_as_expected", 1, 2),
                ("2026-03-09", "trunk", "gw2", "bypass_as_expected", 2, 2),  # 50 % to 100 %, of two calls
                ("2026-03-01", "peer", "gw1", "one_way", 2, 200),
                ("2026-03-09", "peer", "gw1", "one_way", 20, 200),
                ("2026-03-01", "peer", "gw1", "bypassed", 20, 200),
                ("2026-03-09", "peer", "gw1", "bypassed", 120, 200),
                ("2026-03-09", "site", "Berlin", "answered", 9, 10),
                ("2026-02-01", "site", "Berlin", "answered", 0, 10),  # of neither period
            ],
        )
    return path


def test_a_change_is_marked_only_where_the_intervals_allow(weeks: Path) -> None:
    with open_store(weeks, write=False) as store:
        found = read_trend(store, dt.date(2026, 3, 10), days=7)
    marks = {(row["scope"], row["name"], row["measure"]): row["mark"] for row in found.rows}
    assert marks == {
        ("trunk", "gw1", "bypass_as_expected"): "better",
        ("trunk", "gw2", "bypass_as_expected"): "no change to be told",
        ("site", "Berlin", "answered"): "no comparison",
        ("peer", "gw1", "bypassed"): "more",
        ("peer", "gw1", "one_way"): "worse",
    }
    assert [row["name"] for row in found.changes] == ["gw1", "gw1", "gw1"]


def test_both_periods_are_whole_days_and_as_long(weeks: Path) -> None:
    with open_store(weeks, write=False) as store:
        found = read_trend(store)
        assert (found.since, found.until, found.days) == (dt.date(2026, 3, 3), dt.date(2026, 3, 10), 7)
        listed = read_days(store, dt.date(2026, 3, 1), dt.date(2026, 3, 3))
        assert [(row["day"].day, row["hits"]) for row in listed if row["scope"] == "trunk" and row["name"] == "gw1"] == [(1, 50), (2, 45)]


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    with memory_store() as store:
        derive(store)
        figures(store, [("2026-03-09", "all", "all calls", "answered", *one), ("2026-03-02", "all", "all calls", "answered", *other)])
        [row] = read_trend(store, dt.date(2026, 3, 10), days=7).rows
    assert (row["change_low"], row["change_high"]) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


def test_the_command(weeks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trend", "--scope", "trunk", "--db", str(weeks)]) == 0
    table = capsys.readouterr().out
    assert "2026-03-03 to 2026-03-09, against 2026-02-24 to 2026-03-02" in table
    assert main(["trend", "--scope", "trunk", "--until", "2026-03-10", "--days", "1", "--format", "csv", "--db", str(weeks)]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["name"], row["hits"], row["total"], row["mark"]) for row in rows] == [
        ("gw1", "180", "200", "no comparison"),
        ("gw2", "2", "2", "no comparison"),
    ]
    assert main(["trend", "--daily", "--name", "gw2", "--format", "csv", "--db", str(weeks)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["trend", "--until", "soon", "--db", str(weeks)]) == 2
    assert main(["trend", "--tz", "Europe/Berlin", "--db", str(weeks)]) == 0
    assert "(Europe/Berlin); intervals" in capsys.readouterr().out
    assert main(["trend", "--tz", "Mars/Olympus", "--db", str(weeks)]) == 2


def test_rates_in_words() -> None:
    assert [percent(rate) for rate in (None, 0.0, 0.004, 0.5, 0.996, 1.0)] == ["–", "0 %", "0.4 %", "50 %", "99.6 %", "100 %"]
    assert (interval(None, None), interval(0.1, 0.345)) == ("", "10–34 %")
