"""Everything a report shows, read from the store once. HTML and Markdown are written from the same facts."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from itertools import zip_longest

from siplens.report.calls import CallSheet, list_calls, read_calls
from siplens.report.configuration import read_snapshots
from siplens.report.fetch import Row, fetch, fetch_one
from siplens.report.ladder import place_of
from siplens.report.period import Period
from siplens.rules import Rule, load_own_rules
from siplens.store import Store
from siplens.version import __version__

MOST_LADDERS = 25
"""Ladders drawn in one report: of each rule's calls some, worst first. `siplens call ID` shows any other."""
MOST_CALLS = 1000
"""Calls listed in one report: where there are more, those with findings or a failed verdict first."""
MOST_CASES = 100
"""Findings of one rule written out in one report for people."""
MOST_UNKNOWN = 12
"""Calls named for one reason why calls could not be judged."""
SEVERITIES = ("critical", "high", "medium", "low", "info")
_EVERY = 2**62


@dataclass(frozen=True, slots=True)
class RuleFindings:
    """One rule that failed or could not decide, its documentation, and its findings."""

    rule: Rule | None
    """None where the rule's file is no longer there."""
    rule_id: str
    severity: str
    findings: list[Row]
    """As report/sql/report_findings.sql has them: all of a complete report, else MOST_CASES at most."""
    total: int
    """How many there are."""
    waived: int
    """How many of them are waived."""

    @property
    def more(self) -> int:
        """Findings that are not listed."""
        return self.total - len(self.findings)

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
    """The calls that the report lists, in order of time: all, or the MOST_CALLS that matter most. figures["calls"] counts all."""
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
    """One row per reason why calls could not be judged: reason, calls, and the numbers of the first of them."""
    sources: list[Row]
    snapshots: list[Row]
    rules: dict[str, Rule]
    version: str = __version__


def gather(
    store: Store,
    period: Period | None = None,
    *,
    title: str = "siplens report",
    made_at: dt.datetime | None = None,
    complete: bool = False,
) -> Facts:
    """Reads the facts of a report from a store whose derived tables and findings are current.

    complete: every finding, and no ladders, for the forms that programs read. Else what people can read: the time it takes hardly
    grows with the number of calls.
    """
    period = period or Period()
    made_at = made_at or dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    rules = {rule.id: rule for rule in load_own_rules()}
    params = period.as_params()
    totals = fetch(store, "report_totals", **params, now=made_at)
    found = fetch(store, "report_findings", **params, now=made_at, most=_EVERY if complete else MOST_CASES)
    failures = _by_rule([row for row in found if row["status"] == "fail"], totals, rules)
    numbers = [row["call_no"] for row in fetch(store, "report_calls", **params, most=MOST_CALLS)]
    drawn = [] if complete else _worth_drawing(failures)
    concerned = (fetch_one(store, "report_concerned", **params) or {"calls": 0})["calls"]
    return Facts(
        title=title,
        period=period,
        made_at=made_at,
        figures=fetch_one(store, "figures", **params) or {},
        matrix=fetch(store, "bypass_expected_observed", **params),
        calls=list_calls(store, f"call_no in ({', '.join(map(str, numbers))})")[0] if numbers else [],
        failures=failures,
        undecided=_by_rule([row for row in found if row["status"] == "unknown"], totals, rules),
        counts=[row | _rule_facts(rules[row["rule_id"]]) for row in fetch(store, "rule_counts") if row["rule_id"] in rules],
        sheets=read_calls(store, drawn, max_lifelines=5) if drawn else [],
        left_out=max(0, concerned - len(drawn)),
        peers=fetch(store, "peers"),
        ground_truth=fetch(store, "ground_truth"),
        health=fetch(store, "health"),
        unknowns=_unknowns(store, period),
        sources=fetch(store, "sources"),
        snapshots=read_snapshots(store),
        rules=rules,
    )


def evidence_text(piece: Row) -> str:
    """A piece of evidence in one line: place, and what is to be seen there."""
    return f"{place_of(piece)}: {piece['note']}" if piece.get("note") else place_of(piece)


def _rule_facts(rule: Rule) -> Row:
    """Title, and the version: a rule is its file, so the beginning of the file's SHA-256."""
    return {"title": rule.title, "digest": hashlib.sha256(rule.sql.encode()).hexdigest()[:12]}


def _by_rule(findings: list[Row], totals: list[Row], rules: dict[str, Rule]) -> list[RuleFindings]:
    """Findings of one status grouped by rule, in the order they have: worst severity first."""
    grouped: dict[str, list[Row]] = {}
    for finding in findings:
        grouped.setdefault(finding["rule_id"], []).append(finding)
    counted = {(row["rule_id"], row["status"]): row for row in totals}
    groups = []
    for rule_id, group in grouped.items():
        count = counted[rule_id, group[0]["status"]]
        groups.append(RuleFindings(rules.get(rule_id), rule_id, group[0]["severity"], group, count["total"], count["waived"]))
    return groups


def _worth_drawing(failures: list[RuleFindings]) -> list[int]:
    """Numbers of the calls whose ladders are drawn, worst first: where there are too many, some of every rule."""
    by_rule = [list(dict.fromkeys(row["call_no"] for row in group.findings if row["call_no"] is not None)) for group in failures]
    in_turn = dict.fromkeys(number for turn in zip_longest(*by_rule) for number in turn if number is not None)
    chosen = set(list(in_turn)[:MOST_LADDERS])
    return [number for number in dict.fromkeys(number for numbers in by_rule for number in numbers) if number in chosen]


def _unknowns(store: Store, period: Period) -> list[Row]:
    """Reasons why calls could not be judged, most frequent first. Of many calls alike, the words of the first stand for all."""
    grouped = fetch(store, "unknowns", **period.as_params(), most=MOST_UNKNOWN)
    asked = [number for row in grouped for number in row["call_nos"]]
    told = {row["call_no"]: row["reason"] for row in fetch(store, "unknown_words", call_nos=asked)} if asked else {}
    reasons: dict[str | None, Row] = {}
    for row in grouped:
        numbers: list[int] = row["call_nos"]
        for number in numbers:
            known = reasons.setdefault(told.get(number), {"reason": told.get(number), "calls": 0, "call_nos": []})
            known["calls"] += 1
            known["call_nos"].append(number)
        reasons[told.get(numbers[0])]["calls"] += row["calls"] - len(numbers)
    return sorted(reasons.values(), key=lambda reason: (-reason["calls"], reason["call_nos"]))
