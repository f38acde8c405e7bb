"""What rules found, as the forms for programs carry it: CSV, SARIF, JUnit. A report and a check give the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siplens.report.facts import Facts
from siplens.report.fetch import Row, fetch
from siplens.rules import Rule, RuleCount
from siplens.store import Store


@dataclass(frozen=True, slots=True)
class Judgements:
    """Findings with their evidence, failures first, and how many subjects each rule judged."""

    title: str
    made_at: dt.datetime
    """UTC, naive."""
    findings: Sequence[Row]
    counts: Sequence[Row]
    """rule_id, title, passed, failed, unknown."""
    rules: Mapping[str, Rule]
    sources: Sequence[Row]

    def is_waived(self, finding: Row) -> bool:
        """Whether a waiver is in force."""
        if "waived" in finding:
            return bool(finding["waived"])
        until: dt.datetime | None = finding["waived_until"]
        return until is not None and until > self.made_at

    def title_of(self, rule_id: str) -> str:
        """A rule's title, or its id where its file is no longer there."""
        rule = self.rules.get(rule_id)
        return rule.title if rule else rule_id


def judgements_of_report(facts: Facts) -> Judgements:
    """The findings of a report, with all that no call is concerned by."""
    findings = [finding for group in (*facts.failures, *facts.undecided) for finding in group.findings]
    return Judgements(facts.title, facts.made_at, findings, facts.counts, facts.rules, facts.sources)


def judgements_of_check(
    store: Store, findings: Sequence[Row], counts: Sequence[RuleCount], rules: Sequence[Rule], *, title: str = "siplens check"
) -> Judgements:
    """The findings of a run of rules."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    rows = [count._asdict() for count in counts]
    return Judgements(title, now, findings, rows, {rule.id: rule for rule in rules}, fetch(store, "sources"))


def about(finding: Row) -> str:
    """What a finding is about, in a few words: its call and peer, else its own subject."""
    if finding["call_no"] is None:
        return f"{finding['subject']} {finding['subject_id']}"
    return f"call {finding['call_no']}" + (f" via {finding['peer']}" if finding["peer"] else "")
