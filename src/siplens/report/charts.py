"""Bypass expected against observed, as a small inline SVG: three bars, each cut by what was observed.

Drawn by hand and coloured by classes, so that it follows the page from light to dark; a chart library would take
longer to start than the whole report to write.
"""

from __future__ import annotations

from dataclasses import dataclass

from siplens.report.fetch import Row

VALUES = ("pass", "fail", "unknown")
WIDTH, LABEL, BAR, GAP = 640, 150, 30, 14
"""Geometry in SVG units: whole width, room for labels, height of a bar, space between bars."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a bar."""

    observed: str
    verdict: str
    """pass where observed is as expected, fail where not, unknown where either is."""
    calls: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """All calls of one expectation."""

    expected: str
    calls: int
    y: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with calls, top to bottom."""

    bars: tuple[Bar, ...]
    width: int
    height: int
    label: int = LABEL
    bar: int = BAR


def bypass_chart(matrix: list[Row]) -> Chart:
    """The chart of the rows of report/sql/bypass_expected_observed.sql."""
    calls = {(row["expected"], row["observed"]): int(row["calls"]) for row in matrix}
    totals = {expected: sum(calls.get((expected, observed), 0) for observed in VALUES) for expected in VALUES}
    unit = (WIDTH - LABEL - 60) / max(*totals.values(), 1)
    bars: list[Bar] = []
    for expected in VALUES:
        if not totals[expected]:
            continue
        left = float(LABEL)
        pieces = []
        for observed in VALUES:
            if number := calls.get((expected, observed), 0):
                pieces.append(Piece(observed, _verdict(expected, observed), number, round(left, 1), round(number * unit, 1)))
                left += number * unit
        bars.append(Bar(expected, totals[expected], len(bars) * (BAR + GAP) + 4, tuple(pieces)))
    return Chart(tuple(bars), WIDTH, len(bars) * (BAR + GAP) + 4)


def _verdict(expected: str, observed: str) -> str:
    if "unknown" in (expected, observed):
        return "unknown"
    return "pass" if expected == observed else "fail"
