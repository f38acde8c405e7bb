"""Charts of a compliance report: what was expected and observed by day and by trunk, what is not known, what peers refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from siplens.report.charts import ROW, WIDTH, Drawn, Plot, draw, label, room
from siplens.report.compliance import Compliance
from siplens.report.fetch import Row
from siplens.report.trend import percent

if TYPE_CHECKING:
    import altair

MOST_BARS = 20
"""Trunks or peers in one chart; the table beside it has more."""
DAYS_HEIGHT = 190
"""Height of the charts by day, in pixels."""
PARTS = (
    ("expected_bypassed", "bypassed as expected", "var(--pass)"),
    ("expected_mediated", "expected, did not bypass", "var(--fail)"),
    ("direct_against_policy", "bypassed against policy", "var(--e2)"),
    ("not_expected_mediated", "rightly not bypassed", "var(--low)"),
    ("unknown", "could not be judged", "var(--unknown)"),
)
"""Column, words and colour of each part of a bar; together they are all calls."""


def compliance_charts(report: Compliance) -> dict[str, Drawn]:
    """The charts by the section they belong to: day, trunk, unknown, refusals; those that have something to show."""
    return draw(_charts(report))


def _charts(report: Compliance) -> Iterator[Plot]:
    whole = report.whole
    if whole is None:
        return
    days = [row for row in report.of("day") if row["name"][:1].isdigit()]
    trunks = report.of("trunk")[:MOST_BARS]
    if days:
        says = f"Bars, one for each of {len(days)} days: calls by bypass expected and observed; in all, {_parts_words(whole)}."
        yield Plot("day", _by_day(days), says, "Calls of each day, by bypass expected and observed.")
        if whole["unknown"]:
            says = f"A line: share of calls of each day that could not be judged; in all, {percent(whole['unknown_share'])}."
            yield Plot("unknown", _unknown(days), says, "Share of each day's calls that could not be judged.")
    if trunks:
        says = f"Bars, one for each of {len(trunks)} trunks: shares of its calls by bypass expected and observed."
        yield Plot("trunk", _by_trunk(trunks), says, "Shares of each trunk's calls; trunks with most calls otherwise than expected first.")
    refusals = [row for row in report.refusals if row["forks_refused"] or row["direct_refused"]][:MOST_BARS]
    if refusals:
        says = f"Dots with intervals, for each of {len(refusals)} peers: shares of forked calls and of direct offers that it refused."
        yield Plot("refusals", _refusals(refusals), says, "What each peer refused, as a share of what it was offered, with 95 % intervals.")


def _by_day(days: list[Row]) -> Any:
    import altair

    return (
        altair.Chart(altair.Data(values=_parts(days)), width=WIDTH, height=DAYS_HEIGHT)
        .mark_bar()
        .encode(
            x=altair.X("name:T", timeUnit="utcyearmonthdate", title=None, axis=altair.Axis(format="%d %b", labelOverlap=True)),
            y=altair.Y("calls:Q", title="calls", axis=altair.Axis(tickMinStep=1)),
            color=_colour(),
            order=altair.Order("place:O"),
        )
    )


def _by_trunk(trunks: list[Row]) -> Any:
    import altair

    space = room(label(row["name"], row["calls"]) for row in trunks)
    return (
        altair.Chart(
            altair.Data(values=_parts(trunks)),
            width=WIDTH,
            height={"step": ROW},
            padding=space,
        )
        .mark_bar()
        .encode(
            x=altair.X("calls:Q", stack="normalize", title="share of calls", axis=altair.Axis(format="%")),
            y=altair.Y("label:N", sort=None, title=None),
            color=_colour(),
            order=altair.Order("place:O"),
        )
    )


def _unknown(days: list[Row]) -> Any:
    import altair

    values = [{"day": row["name"], "share": row["unknown_share"]} for row in days]
    return (
        altair.Chart(altair.Data(values=values), width=WIDTH, height=DAYS_HEIGHT // 2)
        .mark_line(point={"color": "var(--unknown)", "size": 30}, color="var(--unknown)")
        .encode(
            x=altair.X("day:T", timeUnit="utcyearmonthdate", title=None, axis=altair.Axis(format="%d %b", labelOverlap=True)),
            y=altair.Y("share:Q", title="not judged", scale=altair.Scale(domain=[0, 1]), axis=altair.Axis(format="%", tickCount=3)),
        )
    )


def _refusals(peers: list[Row]) -> Any:
    import altair

    values = [
        {
            "label": label(row["peer"], row["calls"]),
            "of": words,
            "rate": row[f"{name}_rate"],
            "low": row[f"{name}_low"],
            "high": row[f"{name}_high"],
        }
        for row in peers
        for name, words in (("forks", "further early dialogs"), ("direct", "direct media"))
        if row[f"{name}_rate"] is not None
    ]
    colour = altair.Color(
        "of:N", title=None, scale=altair.Scale(domain=["further early dialogs", "direct media"], range=["var(--e1)", "var(--e3)"])
    )
    base = altair.Chart(altair.Data(values=values), width=WIDTH, height={"step": ROW / 2}).encode(
        y=altair.Y("label:N", sort=None, title=None), yOffset=altair.YOffset("of:N"), color=colour
    )
    share = altair.X("low:Q", title="share refused", scale=altair.Scale(domain=[0, 1]), axis=altair.Axis(format="%"))
    intervals = base.mark_rule(strokeWidth=2).encode(x=share, x2="high:Q")
    shares = base.mark_point(filled=True, size=50).encode(x="rate:Q")
    return altair.layer(intervals, shares, padding=room(label(row["peer"], row["calls"]) for row in peers))


def _parts(rows: list[Row]) -> list[dict[str, Any]]:
    """One value per group and part of its bar."""
    return [
        {"name": row["name"], "label": label(row["name"], row["calls"]), "part": words, "place": place, "calls": _part(row, column)}
        for row in rows
        for place, (column, words, _) in enumerate(PARTS)
    ]


def _part(row: Row, column: str) -> int:
    """Calls of one part. What was rightly not bypassed is what is left of the calls that were as expected."""
    count: int = row["as_expected"] - row["expected_bypassed"] if column == "not_expected_mediated" else row[column]
    return count


def _parts_words(row: Row) -> str:
    return ", ".join(f"{_part(row, column):,} {words}" for column, words, _ in PARTS if _part(row, column))


def _colour() -> altair.Color:
    import altair

    scale = altair.Scale(domain=[words for _, words, _ in PARTS], range=[colour for _, _, colour in PARTS])
    return altair.Color("part:N", title=None, scale=scale)
