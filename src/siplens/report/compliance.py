"""What a compliance report says about a period: bypass expected against observed, refusals, what is not known, and by which versions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from siplens.report.fetch import Row, fetch, fetch_one
from siplens.report.period import Period, days_period
from siplens.report.trend import Trend, read_trend
from siplens.rules import Rule, load_own_rules
from siplens.store import Store
from siplens.version import __version__

MOST_EXAMPLES = 12
"""Reasons for an unknown verdict that are shown with the words of one call."""


@dataclass(frozen=True, slots=True)
class Compliance:
    """A compliance report as data. Every list is whole; templates say how many more there are where they show fewer."""

    title: str
    period: Period
    """As it was asked for: an open end stays open."""
    covered: Period
    """The same with open ends set to the days of the first and the last call; open where there is no call."""
    made_at: dt.datetime
    """Naive UTC."""
    groups: list[Row]
    """As report/sql/compliance_groups.sql has them: one row per scope (all, day, trunk, site, peer) and name."""
    trend: Trend
    """Whole days (UTC) against the days before; without rows where the period has no beginning, so that nothing is before it."""
    refusals: list[Row]
    """As report/sql/compliance_refusals.sql has them: one row per peer."""
    unknowns: list[Row]
    """As report/sql/compliance_unknown.sql has them, and `example`: what was not known of example_call, in words, or None."""
    findings: list[Row]
    """As report/sql/compliance_findings.sql has them, and `title`: one row per rule with standing findings."""
    waivers: list[Row]
    """As report/sql/waivers.sql has them: in force, over, taken back."""
    rules: list[Row]
    """As report/sql/compliance_rules.sql has them, and `title`: one row per rule with its version."""
    run: Row | None
    """The latest run of rules, with the version of all rules and of the configuration; None where rules never ran."""
    configurations: list[Row]
    """As report/sql/compliance_configurations.sql has them: one row per snapshot."""
    pruned_calls: int
    """Calls of the period that were pruned: they are in the trend, and nowhere else."""
    health: list[Row]
    sources: list[Row]
    version: str = __version__

    def of(self, scope: str) -> list[Row]:
        """The groups of one scope."""
        return [row for row in self.groups if row["scope"] == scope]

    @property
    def whole(self) -> Row | None:
        """All calls of the period together; None where there is none."""
        return next(iter(self.of("all")), None)

    def change(self, scope: str, name: str) -> Row | None:
        """How the share of calls with bypass as expected changed against the days before; None where nothing is known of it."""
        found = (row for row in self.trend.rows if (row["scope"], row["name"], row["measure"]) == (scope, name, "bypass_as_expected"))
        return next(found, None)

    @property
    def waivers_in_force(self) -> list[Row]:
        """Waivers that keep findings from failing a check."""
        return [row for row in self.waivers if row["state"] == "in force"]

    @property
    def waivers_ended(self) -> list[Row]:
        """Waivers whose time is over, or that were taken back: what they covered counts again."""
        return [row for row in self.waivers if row["state"] != "in force"]


def gather_compliance(
    store: Store, period: Period | None = None, *, title: str = "Media bypass compliance", made_at: dt.datetime | None = None
) -> Compliance:
    """Reads a compliance report from a store whose derived tables and findings are current."""
    period = period or Period()
    made_at = made_at or dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0)
    covered = _covered(store, period)
    first, after = covered.days or (None, None)
    titles = {rule.id: rule for rule in load_own_rules()}
    params = period.as_params()
    days = {"first_day": first, "last_day": after}
    return Compliance(
        title=title,
        period=period,
        covered=covered,
        made_at=made_at,
        groups=fetch(store, "compliance_groups", **params, zone=period.zone),
        trend=_trend(store, period, covered),
        refusals=fetch(store, "compliance_refusals", **params),
        unknowns=_with_examples(store, fetch(store, "compliance_unknown", **params)),
        findings=_titled(fetch(store, "compliance_findings", **params, now=made_at), titles),
        waivers=fetch(store, "waivers"),
        rules=_titled(fetch(store, "compliance_rules", **days), titles),
        run=fetch_one(store, "compliance_run"),
        configurations=fetch(store, "compliance_configurations", **params),
        pruned_calls=(fetch_one(store, "compliance_pruned", **days) or {"calls": 0})["calls"],
        health=fetch(store, "health"),
        sources=fetch(store, "sources"),
    )


def _covered(store: Store, period: Period) -> Period:
    """The period with its open ends where the days of the first and the last call begin and end."""
    if period.since is not None and period.until is not None:
        return period
    found = fetch_one(store, "compliance_span", **period.as_params())
    if found is None or found["first_call"] is None:
        return period
    seen = Period(found["first_call"], found["last_call"] + dt.timedelta(microseconds=1), period.zone)
    assert seen.days is not None  # both ends are set
    whole = days_period(*seen.days, ZoneInfo(period.zone))
    return replace(whole, since=period.since or whole.since, until=period.until or whole.until)


def _trend(store: Store, period: Period, covered: Period) -> Trend:
    """The days of the period against as many before; nothing where it has no beginning or no call."""
    if period.since is None or covered.days is None:
        return Trend(None, None, [])
    first, after = covered.days
    return read_trend(store, after, (after - first).days, period.zone)


def _with_examples(store: Store, reasons: list[Row]) -> list[Row]:
    """Reasons with the words that the criterion has for one call, for the most frequent ones."""
    asked = [row["example_call"] for row in reasons[:MOST_EXAMPLES] if row["criterion"]]
    told = {(row["call_no"], row["criterion"]): row["detail"] for row in fetch(store, "criterion_words", call_nos=asked)} if asked else {}
    return [row | {"example": told.get((row["example_call"], row["criterion"]))} for row in reasons]


def _titled(rows: Iterable[Row], rules: dict[str, Rule]) -> list[Row]:
    """Rows of rules with the rule's title; its id where the rule is no longer there."""
    return [row | {"title": rules[row["rule_id"]].title if row["rule_id"] in rules else row["rule_id"]} for row in rows]
