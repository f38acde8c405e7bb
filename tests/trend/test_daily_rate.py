"""daily_rate: what the calls of a day showed, of those that could be decided, with Wilson's interval."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from siplens.rules import judge
from siplens.store import Store

FORKS = dt.date(2026, 3, 7)


def rates(store: Store, scope: str, measure: str, day: dt.date = FORKS) -> list[tuple[str, int, int, int]]:
    query = "select name, hits, total, unknown from daily_rate where scope = ? and measure = ? and day = ? order by name"
    return [tuple(row) for row in store.query(query, [scope, measure, day]).rows]


def test_calls_count_once_for_all_and_once_for_each_place(judged_store: Store) -> None:
    assert rates(judged_store, "all", "answered") == [("all calls", 1, 4, 0)]
    assert rates(judged_store, "peer", "answered") == [("gw1.contoso.example", 1, 4, 0)]
    assert rates(judged_store, "trunk", "answered") == [("Service:PstnGateway:gw1.contoso.example", 1, 4, 0)]
    assert rates(judged_store, "site", "answered") == [("Berlin", 1, 4, 0)]


def test_what_could_not_be_decided_is_in_no_rate(judged_store: Store) -> None:
    [(_, hits, total, unknown)] = rates(judged_store, "all", "bypassed")
    assert (hits, total + unknown) == (total, 4)
    assert unknown > 0


def test_rules_count_on_the_day_of_their_calls(judged_store: Store) -> None:
    assert ("EDL002", 2, 4, 0) in rates(judged_store, "rule", "failed")
    assert ("DMR002", 1, 2, 0) in rates(judged_store, "rule", "failed", dt.date(2026, 3, 9))


def test_judging_again_counts_nothing_twice(judged_store: Store) -> None:
    before = judged_store.query("select * from daily_rate order by all").rows
    judge(judged_store)
    assert judged_store.query("select * from daily_rate order by all").rows == before


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"])
@pytest.mark.parametrize("around", ["2026-03-29 00:00", "2026-10-25 00:00", "2026-03-08 06:00", "2026-11-01 05:00"])
def test_days_begin_by_the_clock_of_the_zone_also_when_clocks_change(judged_store: Store, zone: str, around: str) -> None:
    """Calls every three hours for two days, held against Python's calendar."""
    con = judged_store.con
    con.execute("BEGIN TRANSACTION")
    con.execute("UPDATE call SET started_ts = ?::timestamp + interval 3 hour * (call_no - 9)", [around])
    # More calls than the samples hold: each stands for several.
    con.execute(
        "INSERT INTO call BY NAME SELECT * REPLACE (call_no + 100 AS call_no, started_ts + interval 15 hour AS started_ts) FROM call"
    )
    try:
        began = [
            row[0].replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).date()
            for row in judged_store.query("select started_ts from call").rows
        ]
        query = "select day, total from rates_of_days(?) where scope = 'all' and measure = 'answered' order by day"
        found = judged_store.query(query, [zone]).rows
    finally:
        con.execute("ROLLBACK")
    assert found == sorted(Counter(began).items())
    assert len(found) >= 2


def test_what_is_known_by_days_of_utc_alone_stays_there(judged_store: Store) -> None:
    ours = judged_store.query("select * from rates_of_days('Pacific/Kiritimati') where scope = 'rule' order by all").rows
    assert ours == judged_store.query("select * from daily_rate where scope = 'rule' order by all").rows != []
    assert (
        judged_store.query("select * from rates_of_days('UTC') order by all").rows
        == judged_store.query("from daily_rate order by all").rows
    )


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [
        (0, 0, None, None),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),
        (15, 148, 0.0624, 0.1605),  # R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3, has 81/263, 15/148, 0/20, 1/29
        (81, 263, 0.2553, 0.3662),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # By hand with z = 1.959964, (p + z²/2n ± z * sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n): for p = 0.5, n = 4, z²/n = 0.960365,
        # (0.980182 ± 1.959964 * sqrt(0.0625 + 0.060023)) / 1.960365 = 0.5 ± 0.349961
        (2, 4, 0.1500, 0.8500),
        # (0.999 + 0.001921 ± 1.959964 * sqrt(0.000000999 + 0.00000096036)) / 1.003841
        (999, 1000, 0.9944, 0.9998),
    ],
)
def test_the_interval_is_wilsons(judged_store: Store, hits: int, total: int, low: float | None, high: float | None) -> None:
    [found] = judged_store.query("select wilson_low($h, $n), wilson_high($h, $n)", {"h": hits, "n": total}).rows
    assert found == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5)) if total else (None, None)
