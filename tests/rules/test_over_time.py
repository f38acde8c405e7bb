"""Findings over time: new and returned ones, baselines, waivers with reason and expiry, and the history of runs."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siplens.errors import SiplensError
from siplens.report.fetch import fetch
from siplens.report.findings import findings_of_run
from siplens.rules import Outcome, Rule, RuleStatus, Severity, run_rules
from siplens.rules.baseline import read_baseline, write_baseline_file
from siplens.rules.waive import lift, waive_findings, waive_rule
from siplens.store import Store

Fill = Callable[[dict[str, list[dict[str, Any]]]], None]
SQL = """/* … */
select call_no as subject_id, 'gw' || call_no as peer, if(duration_s > $longest_s, 'fail', 'pass') as status,
    'too long' as reason, [] as evidence
from call
"""
FUTURE = dt.datetime(2100, 1, 1)


def rule(longest_s: int) -> Rule:
    return Rule(
        id="ABC001",
        title="Too long",
        severity=Severity.high,
        status=RuleStatus.stable,
        subject="call",
        meaning="Too long.",
        params={"longest_s": longest_s},
        path=Path("rules/ABC001_test.sql"),
        sql=SQL,
    )


@pytest.fixture
def calls(tables: Store, fill: Fill) -> Store:
    """Calls of 60 and 90 seconds."""
    fill({"call": [{"call_no": 1, "fingerprint": "a", "duration_s": 60}, {"call_no": 2, "fingerprint": "b", "duration_s": 90}]})
    return tables


def new_ones(store: Store, outcome: Outcome) -> list[str]:
    return [row["subject_id"] for row in findings_of_run(store, outcome) if row["is_new"]]


def test_new_is_what_no_check_before_found(calls: Store) -> None:
    assert new_ones(calls, run_rules(calls, [rule(80)], command="check")) == ["2"]
    assert new_ones(calls, run_rules(calls, [rule(80)], command="check")) == []
    run_rules(calls, [rule(50)])
    assert new_ones(calls, run_rules(calls, [rule(50)], command="check")) == ["1"], "another command's run makes nothing old"


def test_a_finding_that_returns_is_new_again(calls: Store) -> None:
    for longest_s in (80, 100):
        run_rules(calls, [rule(longest_s)], command="check")
    assert new_ones(calls, run_rules(calls, [rule(80)], command="check")) == ["2"]
    assert calls.query("select first_seen < returned_at, resolved_at from finding").rows == [(True, None)]


def test_a_baseline_file_names_what_is_known(calls: Store, tmp_path: Path) -> None:
    path = tmp_path / "known.json"
    findings = findings_of_run(calls, run_rules(calls, [rule(80)]))
    assert write_baseline_file(path, findings) == 1
    assert list(json.loads(path.read_text(encoding="utf-8"))["findings"].values()) == ["ABC001: too long"]
    known = read_baseline(path)
    later = findings_of_run(calls, run_rules(calls, [rule(50)]))
    assert [row["subject_id"] for row in later if row["fingerprint"] not in known] == ["1"]


@pytest.mark.parametrize(
    ("text", "message"), [("{", "JSON was expected"), ("{}", "is not a baseline of siplens"), (None, "there is no such")]
)
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "known.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SiplensError, match=message):
        read_baseline(path)


def test_a_waiver_covers_a_finding_until_it_ends_or_is_taken_back(calls: Store) -> None:
    run_rules(calls, [rule(80)])
    number = calls.value("select finding_id from finding")
    waived = waive_findings(calls, [number], "known, ticket 4711", FUTURE)
    assert (waived.waiver_ids, waived.standing) == ((1,), 1)
    assert run_rules(calls, [rule(80)]).worst is None
    assert fetch(calls, "waivers")[0]["state"] == "in force"
    assert lift(calls, 1) == 1
    assert run_rules(calls, [rule(80)]).worst is Severity.high
    assert fetch(calls, "waivers")[0]["state"] == "taken back"
    with pytest.raises(SiplensError, match="there is no waiver 1 in force"):
        lift(calls, 1)


def test_a_rule_is_waived_for_a_peer_and_for_findings_to_come(calls: Store) -> None:
    assert waive_rule(calls, "ABC001", "gw1", "gateway is replaced in May", FUTURE).standing == 0
    outcome = run_rules(calls, [rule(50)])
    assert [(row["subject_id"], row["waived"]) for row in findings_of_run(calls, outcome)] == [("1", True), ("2", False)]
    assert outcome.worst is Severity.high
    assert waive_rule(calls, "ABC001", None, "all of them", FUTURE).standing == 1
    assert run_rules(calls, [rule(50)]).worst is None


@pytest.mark.parametrize(
    ("numbers", "reason", "until", "message"),
    [
        ([99], "known", FUTURE, "there is no finding 99"),
        ([1], " ", FUTURE, "a waiver needs a reason"),
        ([1], "known", dt.datetime(2020, 1, 1), "2020-01-01 is over"),
    ],
)
def test_a_waiver_without_sense_is_refused(calls: Store, numbers: list[int], reason: str, until: dt.datetime, message: str) -> None:
    run_rules(calls, [rule(80)])
    with pytest.raises(SiplensError, match=message):
        waive_findings(calls, numbers, reason, until)


def test_the_history_tells_versions_and_changes(calls: Store) -> None:
    for longest_s in (80, 80, 50, 100):
        run_rules(calls, [rule(longest_s)], command="check")
    rows = fetch(calls, "rule_history")
    assert [(row["failed"], row["new_findings"], row["resolved"]) for row in rows] == [(0, 0, 2), (2, 1, 0), (1, 0, 0), (1, 1, 0)]
    versions = [row["rules_version"] for row in rows]
    assert versions[2] == versions[3]
    assert len(set(versions)) == 3, "another parameter is another version"
    assert rows[0]["configuration"] is None
