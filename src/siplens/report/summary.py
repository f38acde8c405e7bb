"""The three sentences at the top of an incident report: what was looked at, how bypass did, what is wrong."""

from __future__ import annotations

import datetime as dt

from siplens.report.facts import SEVERITIES, Facts


def summary(facts: Facts) -> list[str]:
    """Three sentences in plain words. An unknown is said to be one, never counted with the others."""
    return [_looked_at(facts), _bypass(facts), _wrong(facts)]


def amount(number: int, one: str, many: str | None = None) -> str:
    """`1 call`, `2 calls`, `no call`."""
    if number == 0:
        return f"no {one}"
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"


def span(first: dt.datetime | None, last: dt.datetime | None) -> str:
    """The time between two moments in words, UTC."""
    if first is None or last is None:
        return "at times not known"
    if first.date() == last.date():
        return f"on {first:%Y-%m-%d} between {first:%H:%M:%S} and {last:%H:%M:%S} UTC"
    return f"from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"


def _looked_at(facts: Facts) -> str:
    kinds = [row["kind"] for row in facts.sources]
    read = " and ".join(amount(kinds.count(kind), name) for kind, name in (("capture", "capture"), ("log", "log")) if kinds.count(kind))
    figures = facts.figures
    if not figures.get("calls"):
        return f"{(read or 'No file').capitalize()} showed no call in this period."
    over = f" over {amount(figures['peers'], 'peer')}" if figures["peers"] else ""
    verb = "showed"
    return (
        f"{read[:1].upper()}{read[1:]} {verb} {amount(figures['calls'], 'call')}{over}, "
        f"{span(figures['first_call'], figures['last_call'])}; {figures['answered'] or 'none'} "
        f"{'was' if figures['answered'] == 1 else 'were'} answered."
    )


def _bypass(facts: Facts) -> str:
    figures = facts.figures
    if not figures.get("calls"):
        return "There is nothing to say about media bypass."
    if not figures["expected"] and not figures["not_expected"]:
        reason = f": {facts.unknowns[0]['reason']}" if facts.unknowns and facts.unknowns[0]["reason"] else ""
        return f"Whether media bypass was to be expected is not known for any call{reason.rstrip('.')}."
    split = [
        (figures["expected_bypassed"], "bypassed"),
        (figures["expected_mediated"], "did not bypass"),
        (figures["expected_unseen"], "could not be seen"),
    ]
    seen = [(number, words) for number, words in split if number]
    sentence = f"Media bypass was expected for {amount(figures['expected'], 'call')}"
    if len(seen) == 1:
        sentence += f", {'which' if figures['expected'] == 1 else 'all of which'} {seen[0][1]}"
    elif seen:
        sentence += ": " + ", ".join(f"{number} {words}" for number, words in seen)
    if figures["not_expected"]:
        sentence += f"; it was not to be expected for {figures['not_expected']}"
    if figures["expectation_unknown"]:
        sentence += f"; it is not known whether it was for {figures['expectation_unknown']}"
    return f"{sentence}."


def _wrong(facts: Facts) -> str:
    found = [(group, group.total) for group in facts.failures]
    undecided = sum(group.total for group in facts.undecided)
    hidden = f"; {amount(undecided, 'judgement')} could not be made for want of evidence" if undecided else ""
    if not found:
        return f"No rule failed{hidden}."
    total = sum(number for _, number in found)
    by_severity = {name: sum(number for group, number in found if group.severity == name) for name in SEVERITIES}
    severities = ", ".join(f"{number} {name}" for name, number in by_severity.items() if number)
    worst = found[0][0]
    title = worst.title[:1].lower() + worst.title[1:]
    return f"{amount(total, 'finding')} ({severities}), first of all {worst.rule_id}, {title}{hidden}."
