"""The sentences at the top of a compliance report: how many calls, how bypass did, who refused what, what changed."""

from __future__ import annotations

from siplens.report.compliance import Compliance
from siplens.report.summary import amount
from siplens.report.trend import interval, percent


def compliance_summary(report: Compliance) -> list[str]:
    """Plain sentences. What could not be judged is said to be so, and is in no share."""
    return [_looked_at(report), _bypass(report), _refusals(report), _changes(report)]


def _looked_at(report: Compliance) -> str:
    whole = report.whole
    period = f"{report.covered.words()}: "
    pruned = f"; of {amount(report.pruned_calls, 'call')} that {_were(report.pruned_calls)} pruned only daily rates are left"
    end = pruned if report.pruned_calls else ""
    if whole is None:
        return f"{period}no call was seen{end}."
    places = [amount(len(report.of(scope)), scope) for scope in ("peer", "site")]
    return f"{period}{amount(whole['calls'], 'call')} over {places[0]} from {places[1]}{end}."


def _bypass(report: Compliance) -> str:
    whole = report.whole
    if whole is None:
        return "There is nothing to say about media bypass."
    unknown = f"{amount(whole['unknown'], 'call')} ({percent(whole['unknown_share'])}) could not be judged"
    decided = whole["as_expected"] + whole["otherwise"]
    if not decided:
        return f"No call could be judged: {unknown}."
    sentence = (
        f"Bypass was as expected in {percent(whole['rate'])} of the {amount(decided, 'call')} that could be judged "
        f"(95 % interval {interval(whole['low'], whole['high'])})"
    )
    parts = [f"of {amount(whole['expected'], 'call')} expected to bypass, {whole['expected_bypassed']:,} did"] if whole["expected"] else []
    if whole["direct_against_policy"]:
        parts.append(f"{amount(whole['direct_against_policy'], 'call')} bypassed against policy")
    if whole["unknown"]:
        parts.append(unknown)
    return f"{sentence}: {'; '.join(parts)}." if parts else f"{sentence}."


def _refusals(report: Compliance) -> str:
    forks = [row for row in report.refusals if row["forks_refused"]]
    offers = [row for row in report.refusals if row["direct_refused"]]
    told = []
    if forks:
        forked = sum(row["forked"] for row in forks)
        refused = sum(row["forks_refused"] for row in forks)
        told.append(f"{amount(len(forks), 'peer')} refused further early dialogs ({refused:,} of {amount(forked, 'forked call')})")
    if offers:
        offered = sum(row["direct_offered"] for row in offers)
        refused = sum(row["direct_refused"] for row in offers)
        told.append(f"{amount(len(offers), 'peer')} refused direct media ({refused:,} of {amount(offered, 'offer')})")
    return f"{' and '.join(told)}." if told else "No peer was seen to refuse an early dialog or direct media."


def _changes(report: Compliance) -> str:
    trend = report.trend
    if not trend.since:
        return "There is no period before to compare with."
    before = f"Against the {amount(trend.days, 'day')} before, "
    compared = [row for row in trend.rows if row["mark"] != "no comparison"]
    if not compared:
        return f"{before}nothing can be compared."
    worse, better = (sum(row["mark"] == mark for row in trend.rows) for mark in ("worse", "better"))
    if not trend.changes:
        return f"{before}no rate changed by more than chance."
    other = len(trend.changes) - worse - better
    counts = [(worse, "got worse"), (better, "got better"), (other, "changed otherwise")]
    told = ", ".join(f"{amount(number, 'rate')} {words}" for number, words in counts if number)
    return f"{before}{told}, by more than chance."


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
