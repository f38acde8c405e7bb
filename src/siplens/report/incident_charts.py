"""The chart of an incident report: bypass expected against observed, a bar per expectation, cut by what was observed."""

from __future__ import annotations

from typing import Any

from siplens.report.charts import WIDTH, Drawn, Plot, draw, label, room
from siplens.report.fetch import Row

VALUES = ("pass", "fail", "unknown")
EXPECTED = {"pass": "bypass expected", "fail": "not expected", "unknown": "not known"}
OBSERVED = {"pass": "direct", "fail": "not direct", "unknown": "unseen"}
VERDICTS = {"pass": "as expected", "fail": "not as expected", "unknown": "cannot be said"}
BAR, LETTER = 40, 8
"""Sizes in pixels: height of a bar with its space, room for a letter within a bar."""


def incident_charts(matrix: list[Row]) -> dict[str, Drawn]:
    """The chart `bypass` of the rows of report/sql/bypass_expected_observed.sql; none where there is no call."""
    calls = {(row["expected"], row["observed"]): int(row["calls"]) for row in matrix if row["calls"]}
    if not calls:
        return {}
    cells = [(expected, observed) for expected in VALUES for observed in VALUES if (expected, observed) in calls]
    words = ", ".join(f"{calls[cell]:,} {EXPECTED[cell[0]]} and {OBSERVED[cell[1]]}" for cell in cells)
    plot = Plot(
        "bypass",
        _bars(calls),
        f"Bars, one for each expectation of bypass, cut by what was observed: {words}.",
        "Media of the calls as it was observed, by what was expected.",
    )
    return draw([plot])


def _bars(calls: dict[tuple[str, str], int]) -> Any:
    import altair

    pieces = _pieces(calls)
    labels = list(dict.fromkeys(piece["label"] for piece in pieces))
    data: Any = altair.Data  # its signature has no types
    base = altair.Chart(data(values=pieces), width=WIDTH, height={"step": BAR}).encode(y=altair.Y("label:N", sort=None, title=None))
    axis = altair.X("begin:Q", axis=None)  # the words within the bars count
    colour = altair.Color(
        "verdict:N", title=None, scale=altair.Scale(domain=list(VERDICTS.values()), range=[f"var(--{value})" for value in VALUES])
    )
    bars = base.mark_bar(cornerRadius=3).encode(x=axis, x2="end:Q", color=colour)
    words = base.mark_text(fill="var(--card)", fontSize=12, fontWeight=700).encode(x="middle:Q", text="words:N")
    return altair.layer(bars, words, padding=room(labels))


def _pieces(calls: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """One value per part of a bar: where it begins and ends, in calls, and the words that fit into it."""
    totals = {expected: sum(calls.get((expected, observed), 0) for observed in VALUES) for expected in VALUES}
    longest = max(totals.values())
    pieces: list[dict[str, Any]] = []
    for expected in VALUES:
        begin = 0
        for observed in VALUES:
            count = calls.get((expected, observed), 0)
            if not count:
                continue
            space = count / longest * WIDTH / LETTER
            words = next((text for text in (f"{count:,} {OBSERVED[observed]}", f"{count:,}") if len(text) < space), "")
            pieces.append(
                {
                    "label": label(EXPECTED[expected], totals[expected]),
                    "verdict": VERDICTS[_verdict(expected, observed)],
                    "begin": begin,
                    "middle": begin + count / 2,
                    "end": begin + count,
                    "words": words,
                }
            )
            begin += count
    return pieces


def _verdict(expected: str, observed: str) -> str:
    if "unknown" in (expected, observed):
        return "unknown"
    return "pass" if expected == observed else "fail"
