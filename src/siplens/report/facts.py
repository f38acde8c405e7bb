"""Everything a report shows, read from the store once. HTML and Markdown are written from the same facts."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from siplens.report.calls import CallSheet, list_calls, read_call
from siplens.report.configuration import read_snapshots
from siplens.report.fetch import Row, fetch, fetch_one
from siplens.report.ladder import place_of
from siplens.report.period import Period
from siplens.rules import Rule, load_rules
from siplens.store import Store
from siplens.version import __version__

MOST_LADDERS = 25
"""Ladders drawn in one report: calls with the worst findings first. `siplens call ID` shows any other."""
MOST_CALLS = 1000
"""Calls listed in one report: where there are more, those with findings or a failed verdict first."""
MOST_CASES = 200
"""Findings of one rule written out in one report."""
SEVERITIES = ("critical", "high", "medium", "low", "info")


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """One rule that failed, its documentation, and its findings."""

    rule: Rule | None
    """None where the rule's file is no longer there."""
    rule_id: str
    severity: str
    findings: list[Row]

    @property
    def listed(self) -> list[Row]:
        """The findings that the report writes out."""
        return self.findings[:MOST_CASES]

    @property
    def title(self) -> str:
        """The rule's title, or its id."""
        return self.rule.title if self.rule else self.rule_id


@dataclass(frozen=True, slots=True)
class Facts:
    """What one report says about one database."""

    title: str
    period: Period
    made_at: dt.datetime
    figures: Row
    matrix: list[Row]
    calls: list[Row]
    failures: list[RuleFindings]
    undecided: list[RuleFindings]
    counts: list[Row]
    sheets: list[CallSheet]
    left_out: int
    """Calls with findings whose ladder is not drawn."""
    peers: list[Row]
    ground_truth: list[Row]
    """The product's own word on bypass against what was observed: a confusion matrix; empty without quality reports."""
    health: list[Row]
    unknowns: list[Row]
    sources: list[Row]
    snapshots: list[Row]
    rules: dict[str, Rule]
    version: str = __version__

    @property
    def listed_calls(self) -> list[Row]:
        """The calls that the report lists, in order of time: all, or the MOST_CALLS that matter most."""
        if len(self.calls) <= MOST_CALLS:
            return self.calls
        ranked = sorted(self.calls, key=lambda call: not (call["findings"] or call["bypass_verdict"] == "fail"))
        chosen = {call["call_no"] for call in ranked[:MOST_CALLS]}
        return [call for call in self.calls if call["call_no"] in chosen]


def gather(store: Store, period: Period | None = None, *, title: str = "siplens report", made_at: dt.datetime | None = None) -> Facts:
    """Reads the facts of a report from a store whose derived tables and findings are current."""
    period = period or Period()
    rules = {rule.id: rule for rule in load_rules()}
    calls = [row for row in list_calls(store)[0] if _holds(period, row["started"])]
    numbers = {row["call_no"] for row in calls}
    everything = period.since is None and period.until is None
    findings = [row for row in fetch(store, "findings", call_nos=None) if everything or row["call_no"] is None or row["call_no"] in numbers]
    failures = _by_rule([row for row in findings if row["status"] == "fail"], rules)
    chosen = list(dict.fromkeys(row["call_no"] for group in failures for row in group.findings if row["call_no"] in numbers))
    figures = fetch_one(store, "figures", **period.as_params()) or {}
    return Facts(
        title=title,
        period=period,
        made_at=made_at or dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
        figures=figures,
        matrix=fetch(store, "bypass_expected_observed", **period.as_params()),
        calls=calls,
        failures=failures,
        undecided=_by_rule([row for row in findings if row["status"] == "unknown"], rules),
        counts=[row | _rule_facts(rules[row["rule_id"]]) for row in fetch(store, "rule_counts") if row["rule_id"] in rules],
        sheets=[read_call(store, number, max_lifelines=5) for number in chosen[:MOST_LADDERS]],
        left_out=max(0, len(chosen) - MOST_LADDERS),
        peers=fetch(store, "peers"),
        ground_truth=fetch(store, "ground_truth"),
        health=fetch(store, "health"),
        unknowns=fetch(store, "unknowns", **period.as_params()),
        sources=fetch(store, "sources"),
        snapshots=read_snapshots(store),
        rules=rules,
    )


def _holds(period: Period, moment: dt.datetime | None) -> bool:
    """Whether `moment` lies in the period; a time that is not known lies only in the period without ends."""
    if moment is None:
        return period.since is None and period.until is None
    return (period.since is None or moment >= period.since) and (period.until is None or moment < period.until)


def evidence_text(piece: Row) -> str:
    """A piece of evidence in one line: place, and what is to be seen there."""
    return f"{place_of(piece)}: {piece['note']}" if piece.get("note") else place_of(piece)


def _rule_facts(rule: Rule) -> Row:
    """Title, and the version: a rule is its file, so the beginning of the file's SHA-256."""
    return {"title": rule.title, "digest": hashlib.sha256(rule.sql.encode()).hexdigest()[:12]}


def _by_rule(findings: list[Row], rules: dict[str, Rule]) -> list[RuleFindings]:
    """Findings grouped by rule, in the order they have: worst severity first."""
    grouped: dict[str, list[Row]] = {}
    for finding in findings:
        grouped.setdefault(finding["rule_id"], []).append(finding)
    return [RuleFindings(rules.get(rule_id), rule_id, group[0]["severity"], group) for rule_id, group in grouped.items()]
