"""A compliance report: golden rows lie in tests/report/compliance, one file per table; sentences and marks are here."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import pytest

from siplens.report.compliance import Compliance, gather_compliance
from siplens.report.compliance_summary import compliance_summary
from siplens.report.fetch import Row
from siplens.report.period import Period
from siplens.report.render import compliance_html, compliance_markdown
from siplens.report.values import words
from siplens.store import Store, memory_store

GOLDEN = Path(__file__).with_name("compliance")
FORTNIGHT = Period(dt.datetime(2026, 2, 28, 23), dt.datetime(2026, 3, 14, 23), "Europe/Berlin")


@pytest.fixture(scope="module")
def report(fortnight: Store) -> Compliance:
    return gather_compliance(fortnight, FORTNIGHT)


@pytest.mark.parametrize("table", ["groups", "refusals", "unknowns"])
def test_the_rows_are_these(table: str, report: Compliance) -> None:
    with (GOLDEN / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file))
    rows: list[Row] = getattr(report, table)
    assert [{name: words(row[name]) for name in expected[0]} for row in rows] == expected


def test_the_sentences(report: Compliance) -> None:
    assert compliance_summary(report) == [
        "2026-03-01 to 2026-03-14 (Europe/Berlin): 14 calls over 1 peer from 2 sites.",
        "Bypass was as expected in 80 % of the 5 calls that could be judged (95 % interval 38–96 %): "
        "of 5 calls expected to bypass, 3 did; 9 calls (64 %) could not be judged.",
        "1 peer refused further early dialogs (2 of 4 forked calls) and 1 peer refused direct media (1 of 6 offers).",
        "Against the 14 days before, 1 rate got worse, by more than chance.",
    ]


def test_a_change_is_marked_only_where_the_intervals_allow(report: Compliance) -> None:
    trunk = "Service:PstnGateway:gw1.contoso.example"
    assert [(row["name"], row["measure"], row["mark"]) for row in report.trend.changes] == [
        ("gw1.contoso.example", "one_way", "worse"),  # 0 of 90, then 1 of 11; answered, 90 of 100 and then 11 of 14, is no change
    ]
    same = report.change("trunk", trunk)
    assert same is not None
    assert (same["rate_before"], same["rate"], same["mark"]) == (0.8, 0.8, "no change to be told")
    assert report.change("site", "Berlin") is not None
    assert report.change("trunk", "(no trunk known)") is None


def test_findings_are_counted_by_rule_worst_first(report: Compliance) -> None:
    counted = [(row["severity"], row["failed"]) for row in report.findings if row["rule_id"] == "EDL002"]
    assert counted == [("high", 2)]
    failed = [bool(row["failed"]) for row in report.findings]
    assert failed == sorted(failed, reverse=True)


def test_without_a_beginning_nothing_is_before(fortnight: Store) -> None:
    whole = gather_compliance(fortnight)
    assert whole.trend.rows == []
    assert whole.covered.words() == "2026-03-02 to 2026-03-09 (UTC)"
    assert compliance_summary(whole)[-1] == "There is no period before to compare with."


def test_calls_that_were_pruned_are_told(fortnight: Store) -> None:
    february = gather_compliance(fortnight, Period(dt.datetime(2026, 2, 1), dt.datetime(2026, 3, 1)))
    assert february.whole is None
    assert compliance_summary(february)[0] == (
        "2026-02-01 to 2026-02-28 (UTC): no call was seen; of 100 calls that were pruned only daily rates are left."
    )


def test_versions_say_what_judged_and_by_which_configuration(report: Compliance) -> None:
    assert report.run is not None
    assert report.run["rules"] == len(report.rules)
    assert all(len(row["rule_version"]) == 12 for row in report.rules)
    assert [(row["files"], row["calls"]) for row in report.configurations] == [("config.yaml", 8)]


def test_a_database_without_calls_has_a_report_too() -> None:
    with memory_store() as store:
        from siplens.pipeline.derive import derive

        derive(store)
        empty = gather_compliance(store, FORTNIGHT)
    assert empty.whole is None
    assert compliance_summary(empty)[:2] == [
        "2026-03-01 to 2026-03-14 (Europe/Berlin): no call was seen.",
        "There is nothing to say about media bypass.",
    ]


def test_the_page_stands_alone_and_its_charts_follow_its_colours(report: Compliance) -> None:
    page = compliance_html(report)
    assert not re.search(r"<(script|link|img|iframe|object|embed|form)\b|\son\w+=|\sstyle=|url\(", page)
    assert re.findall(r"default-src 'none'; style-src 'sha256-[^']+'", page)
    charts = re.findall(r'role="img" aria-label="([^"]+)"><svg aria-hidden="true"', page)
    assert [words.split(":")[0] for words in charts] == [
        "Bars, one for each of 6 days",
        "Bars, one for each of 2 trunks",
        "Dots with intervals, for each of 1 peers",
        "A line",
    ]
    assert set(re.findall(r'fill="(var\([^"]+)"', page)) >= {"var(--pass)", "var(--fail)", "var(--unknown)", "var(--soft)"}


def test_markdown_has_the_same_figures(report: Compliance) -> None:
    text = compliance_markdown(report)
    assert "# Media bypass compliance: 2026-03-01 to 2026-03-14 (Europe/Berlin)" in text
    assert "| all calls | 14 | 5 | 3 | 1 | 1 | 3 | 0 | 6 | 80 % (38–96 %) | 64 % |" in text
    assert "| gw1.contoso.example | 14 | 4 | 2 | 50 % (15–85 %) | 2 | 6 | 5 | 1 | 17 % (3–56 %) | 488 Not Acceptable Here |" in text
    assert "- bypass expected, 6 calls (43 %): no configuration was in force when the call began; for instance call 1" in text
