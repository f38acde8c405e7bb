"""Running rules: what is bound, what is refused, what is recorded, and what stays from one run to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from siplens.errors import RuleError, StoreError
from siplens.rules import Rule, RuleStatus, Severity, judge, run_rules, try_rule, with_overrides
from siplens.store import Store, open_store

Fill = Callable[[dict[str, list[dict[str, Any]]]], None]
LONG_CALLS = """/* … */
with long_calls as (select * from call)
select
    call_no as subject_id, 'gw1' as peer, caller,
    case when duration_s > $longest_s then 'fail' when duration_s is null then 'unknown' else 'pass' end as status,
    coalesce(format('{} s', duration_s), 'not seen') as reason,
    [{source_id: 1, frame: call_no * 10, note: 'INVITE'}, {source_id: 1, frame: call_no * 10 + 1, note: 'BYE'}] as evidence
from long_calls; -- the end
"""


def rule(sql: str = LONG_CALLS, rule_id: str = "ABC001", subject: str = "call", **params: Any) -> Rule:
    return Rule(
        id=rule_id,
        title="Calls that last too long",
        severity=Severity.medium,
        status=RuleStatus.stable,
        subject=subject,
        meaning="They last too long.",
        params=params or {"longest_s": 60},
        path=Path(f"rules/{rule_id}_test.sql"),
        sql=sql,
    )


@pytest.fixture
def calls(tables: Store, fill: Fill) -> Store:
    """Three calls: one of 30 s, one of 90 s, one of unknown length."""
    fill(
        {
            "call": [
                {"call_no": 1, "fingerprint": "short", "duration_s": 30},
                {"call_no": 2, "fingerprint": "long", "duration_s": 90},
                {"call_no": 3, "fingerprint": "open"},
            ]
        }
    )
    return tables


def findings(store: Store) -> list[tuple[Any, ...]]:
    return store.query("select subject_id, status, reason, resolved_at is not null from finding order by finding_id").rows


def test_failures_and_undecided_are_kept_and_passes_counted(calls: Store) -> None:
    outcome = run_rules(calls, [rule()])
    assert [tuple(count) for count in outcome.counts] == [("ABC001", "Calls that last too long", Severity.medium, 1, 1, 1)]
    assert calls.query("select rule_id, passed, failed, unknown from rule_count").rows == [("ABC001", 1, 1, 1)]
    assert findings(calls) == [("2", "fail", "90.0 s", False), ("3", "unknown", "not seen", False)]
    assert outcome.worst is Severity.medium
    assert outcome.reaches(Severity.low)
    assert not outcome.reaches(Severity.high)
    shown = calls.query(outcome.findings)
    assert [(row[shown.columns.index("subject_id")], row[shown.columns.index("call_no")]) for row in shown.rows] == [("2", 2), ("3", 3)]


def test_evidence_is_kept_in_order(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    run_rules(calls, [rule()])
    kept = calls.query("select ordinal, source_id, frame, line, note from finding_evidence order by ordinal").rows
    assert kept == [(1, 1, 20, None, "INVITE"), (2, 1, 21, None, "BYE")]


def test_parameters_can_be_overridden_but_keep_their_type(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    assert run_rules(calls, [rule()], {"ABC001": {"longest_s": 100}, "XYZ001": {"other": 1}}).worst is None
    with pytest.raises(RuleError, match="parameter longest_s must be a whole number, not '100'"):
        run_rules(calls, [rule()], {"ABC001": {"longest_s": "100"}})
    with pytest.raises(RuleError, match="rule ABC001 has no parameter longest") as caught:
        run_rules(calls, [rule()], {"ABC001": {"longest": 100}})
    assert caught.value.hint == "did you mean longest_s?"


def test_settings_for_no_rule_are_refused() -> None:
    with pytest.raises(RuleError, match="settings for rule ABC01: there is no such rule"):
        with_overrides([rule()], {"ABC01": {"longest_s": 1}})


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select nosuch from call", r"ABC001_test\.sql:1: DuckDB refuses the rule's SQL: .*nosuch.*\nselect nosuch from call\n       \^"),
        ("select call_no as subject_id\nfrom call\nwhere (", r"ABC001_test\.sql:3: DuckDB refuses"),
        ("select $other as subject_id", r"ABC001_test\.sql:1: the SQL uses \$other, which \[params\] does not declare"),
        ("select 1 as subject_id, 'pass' as status, 'x' as reason", "the result lacks the column evidence"),
        ("select 1 as subject_id, 'warn' as status, 'x' as reason, [] as evidence", "status 'warn' for subject 1 is not pass, fail"),
        ("select 1 as subject_id, null as status, 'x' as reason, [] as evidence", "status NULL for subject 1 is not pass, fail"),
        ("select null as subject_id, 'pass' as status, 'x' as reason, [] as evidence", "a row of the result has no subject_id"),
        ("select 7 as subject_id, 'fail' as status, ' ' as reason, [] as evidence", "subject 7 is fail without a reason"),
        ("select 7 as subject_id, 'pass' as status, '' as reason, [] as evidence from range(2)", "subject 7 is judged 2 times"),
        ("select 7 as subject_id, 'fail' as status, 'x' as reason, 'frame 3' as evidence", "a column of the result has the wrong type"),
        ("delete from call", "a rule is one SELECT; this file holds DELETE"),
        ("select 1; select 2", "a rule is one SELECT; this file holds SELECT, SELECT"),
        ("with gone as (delete from call returning *) select * from gone", "the rule tries to write to the database"),
        ("select nextval('source_number') as subject_id", "the rule tries to write to the database"),
    ],
)
def test_a_bad_rule_is_refused_and_nothing_recorded(calls: Store, sql: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        run_rules(calls, [rule(rule_id="AAA001"), rule(sql)])
    assert calls.query("select count(*) from call").rows == [(3,)]
    assert calls.query("select count(*) from rule_run").rows == [(0,)]
    assert findings(calls) == []


def test_a_finding_stands_is_resolved_and_returns_as_itself(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    run_rules(calls, [rule()])
    first = calls.query("select finding_id, fingerprint, first_seen from finding").rows
    run_rules(calls, [rule()], {"ABC001": {"longest_s": 100}})
    assert findings(calls) == [("2", "fail", "90.0 s", True)]
    run_rules(calls, [rule()])
    assert findings(calls) == [("2", "fail", "90.0 s", False)]
    assert calls.query("select finding_id, fingerprint, first_seen from finding").rows == first
    assert calls.query("select count(*), max(run_id) from finding where last_seen > first_seen").rows == [(1, 3)]


def test_findings_of_rules_that_did_not_run_stay(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    run_rules(calls, [rule(), rule(rule_id="ABC002")])
    run_rules(calls, [rule(rule_id="ABC002", longest_s=100)])
    assert calls.query("select rule_id, resolved_at is null from finding order by rule_id").rows == [("ABC001", True), ("ABC002", False)]


def test_a_call_keeps_its_finding_under_another_number(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    run_rules(calls, [rule()])
    calls.con.execute("update call set call_no = 12 where call_no = 2")
    run_rules(calls, [rule()])
    assert calls.query("select subject_id, call_no, first_seen < last_seen from finding").rows == [("12", 12, True)]
    assert calls.query("select frame from finding_evidence order by ordinal").rows == [(120,), (121,)]


def test_waivers_stay_and_take_a_failure_out_of_the_outcome(calls: Store) -> None:
    calls.con.execute("delete from call where call_no = 3")
    run_rules(calls, [rule()])
    calls.con.execute("update finding set waived_until = ?, waive_reason = 'known'", [dt.datetime(2100, 1, 1)])
    assert run_rules(calls, [rule()]).worst is None
    assert calls.query("select waive_reason from finding").rows == [("known",)]
    calls.con.execute("update finding set waived_until = ?", [dt.datetime(2020, 1, 1)])
    assert run_rules(calls, [rule()]).worst is Severity.medium


def test_legs_and_dialogs_bring_their_call_and_peers_their_name(tables: Store, fill: Fill) -> None:
    fill(
        {
            "leg": [{"leg_id": 7, "fingerprint": "one"}, {"leg_id": 8, "fingerprint": "one"}],
            "call_leg": [{"call_no": 5, "leg_id": 7, "side": "peer"}],
            "peer_profile": [{"peer": "gw1", "peer_ips": ["10.2.0.20", "10.2.0.21"]}],
        }
    )
    sql = "select leg_id as subject_id, '10.2.0.21' as peer, 'fail' as status, 'so' as reason, [] as evidence from leg"
    run_rules(tables, [rule(sql, subject="leg")])
    rows = tables.query("select subject_id, call_no, peer, count(*) over (partition by fingerprint) from finding order by 1").rows
    assert rows == [("7", 5, "gw1", 1), ("8", None, "gw1", 1)]


def test_a_hundred_thousand_findings_are_recorded_quickly(tables: Store) -> None:
    tables.con.execute(
        "insert into call by name select range as call_no, md5(range::varchar) as fingerprint, 90 as duration_s from range(100000)"
    )
    began = dt.datetime.now()
    run_rules(tables, [rule()])
    run_rules(tables, [rule()])
    assert dt.datetime.now() - began < dt.timedelta(seconds=20), "row by row, this takes minutes"
    assert tables.value("select count(*) from finding_evidence") == 200_000


def test_a_rule_can_be_tried_without_recording(calls: Store) -> None:
    tried = try_rule(calls, rule(), {"ABC001": {"longest_s": 10}})
    assert [row[tried.columns.index("status")] for row in tried.rows] == ["fail", "fail", "unknown"]
    assert findings(calls) == []


def test_findings_are_not_recorded_read_only(tmp_path: Path) -> None:
    path = tmp_path / "calls.duckdb"
    open_store(path, write=True).close()
    with open_store(path, write=False) as store, pytest.raises(StoreError, match="is open read-only"):
        run_rules(store, [rule()])


def test_judge_derives_and_runs_all_rules(tmp_path: Path) -> None:
    with open_store(tmp_path / "calls.duckdb", write=True) as store:
        outcome = judge(store)
        assert len(outcome.counts) >= 7
        assert outcome.worst is None
        assert store.query(outcome.findings).rows == []
