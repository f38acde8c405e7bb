"""Runs rules and records what they found.

Rules run in a read-only transaction; findings are written in one transaction of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import duckdb

from siplens.errors import StoreError
from siplens.pipeline.derive import ensure_derived
from siplens.rules.load import select_rules
from siplens.rules.params import Overrides, changed
from siplens.rules.result import check_result, check_shape, make_result, wrong_type
from siplens.rules.rule import Rule, Severity
from siplens.rules.settings import load_own_rules
from siplens.rules.version import configuration_version, rule_version
from siplens.store import Rows, Store, all_or_nothing
from siplens.version import __version__

_HERE = Path(__file__).resolve().parent
_SHARED = {"bypass_assessment": "assessment_once", "direct_refusal": "refusals_once"}
"""View → the file that makes a table of it for one run."""


class RuleCount(NamedTuple):
    """How many subjects a rule judged, and how: the denominators."""

    rule_id: str
    title: str
    severity: Severity
    passed: int
    failed: int
    unknown: int


class Outcome(NamedTuple):
    """What one run of rules brought."""

    run_id: int
    counts: tuple[RuleCount, ...]
    """One per rule, in the order in which they ran."""
    worst: Severity | None
    """Highest severity among failures that are not waived; None without any."""
    findings: str
    """Query for the findings of this run, worst first, waived ones marked: `store.query(outcome.findings)`."""

    def reaches(self, severity: Severity) -> bool:
        """Whether something at or above `severity` failed and is not waived."""
        return self.worst is not None and self.worst >= severity


def judge(store: Store) -> Outcome:
    """Brings the derived tables up to date and runs every rule that is not deprecated, shipped or of siplens.toml."""
    ensure_derived(store)
    return run_rules(store, select_rules(load_own_rules()))


def run_rules(store: Store, rules: Sequence[Rule], overrides: Overrides | None = None, command: str | None = None) -> Outcome:
    """Runs `rules` over the derived tables and records the run, its counts and its findings.

    overrides: values for parameters by rule id; ids of rules that do not take part are passed over (`with_overrides`
    refuses them). command: which command asked, for the history; findings that came after the last `check` are new to the
    next. Findings of these rules that stood before and are no longer found are marked resolved; waivers stay.
    Raises RuleError for the first rule that fails to run, and then records nothing.
    """
    if not store.writable:
        raise StoreError(f"{store.path}: is open read-only; findings cannot be recorded", "open the database for writing")
    configured = [changed(rule, (overrides or {}).get(rule.id, {})) for rule in rules]
    store.con.execute(_engine_sql("judgement_tables"))
    with _shared_once(store.con, configured), all_or_nothing(store.con, "BEGIN TRANSACTION READ ONLY"):
        for rule in configured:
            _judge_one(store.con, rule)
    with all_or_nothing(store.con):
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        run_id: int = store.value("select coalesce(max(run_id), 0) + 1 from rule_run")
        facts = {"run_id": run_id, "started_at": now, "tool_version": __version__, "command": command}
        store.con.execute(_engine_sql("record_run"), facts | {"configuration": configuration_version(store)})
        store.con.execute(_engine_sql("store_findings"))
        outcome = Outcome(
            run_id,
            _counts(store, configured),
            _worst(store),
            _engine_sql("run_findings").replace("$run_id", str(run_id)),
        )
        for name in ("judgement", "judgement_count", "judgement_day", "subject_day", "found"):
            store.con.execute(f"DROP TABLE {name}")
    return outcome


def try_rule(store: Store, rule: Rule, overrides: Overrides | None = None, as_given: bool = False) -> Rows:
    """Every row of one rule's result, passes too, in order of subject. Records nothing: a read-only store will do.

    as_given: evidence as the rule names it, by messages too; else as places in files.
    """
    with all_or_nothing(store.con, "BEGIN TRANSACTION READ ONLY"):
        make_result(store.con, changed(rule, (overrides or {}).get(rule.id, {})))
        check_result(store.con, rule)
        check_shape(store.con, rule)
        rows = store.query("from rule_result order by subject_id" if as_given else _engine_sql("result_rows"))
        store.con.execute("DROP TABLE rule_result")
    return rows


def _judge_one(con: duckdb.DuckDBPyConnection, rule: Rule) -> None:
    make_result(con, rule)
    counts = check_result(con, rule)
    facts = {"rule_id": rule.id, "severity": rule.severity.value}
    if counts.failed or counts.unknown:
        try:
            con.execute(_engine_sql("keep_judgements"), facts | {"subject": rule.subject})
        except duckdb.Error as error:
            raise wrong_type(rule, error) from error
    con.execute(_engine_sql("count_judgements"), facts | {"rule_version": rule_version(rule)} | counts._asdict())
    if any(counts):
        con.execute(_engine_sql("day_judgements"), {"rule_id": rule.id, "subject": rule.subject})
    con.execute("DROP TABLE rule_result")


def _counts(store: Store, rules: Sequence[Rule]) -> tuple[RuleCount, ...]:
    counted = {row[0]: row[1:] for row in store.query("select rule_id, passed, failed, unknown from judgement_count").rows}
    return tuple(RuleCount(rule.id, rule.title, rule.severity, *counted[rule.id]) for rule in rules)


def _worst(store: Store) -> Severity | None:
    return max((Severity(row[0]) for row in store.query(_engine_sql("unwaived_severities")).rows), default=None)


@cache
def _engine_sql(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def _shared_once(con: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> Iterator[None]:
    """Views that several of the rules read are tables while these run: the assessment's words and evidence, refused packets."""
    shared = [view for view in _SHARED if sum(view in rule.sql for rule in rules) > 1]
    try:
        for view in shared:
            con.execute(_engine_sql(_SHARED[view]))
        yield
    finally:
        for view in shared:
            con.execute(f"DROP TABLE IF EXISTS temp.{view}")
