"""How charts become inline SVG: by Altair and vl-convert, in the page's own colours.

Colours are the page's CSS variables, so that a chart follows it from light to dark; nothing in it is a script or a style. The libraries are
loaded when charts are drawn: to start them takes longer than to gather the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siplens.report.text import shortened, visible

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, ROW = 620, 22
"""Sizes in pixels: width of the plot, height of a bar with its space."""
_FONT = "system-ui, 'Segoe UI', Roboto, sans-serif"


@dataclass(frozen=True, slots=True)
class Plot:
    """One chart that is to be drawn."""

    name: str
    """The section of the page that it belongs to."""
    chart: Any
    """An Altair chart."""
    says: str
    """What it shows, for those who do not see it; the figures are in the text or a table beside it."""
    caption: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """One chart as the page has it."""

    svg: Markup
    says: str
    caption: str


def draw(plots: Iterable[Plot]) -> dict[str, Drawn]:
    """The charts by their names, as inline SVG."""
    import vl_convert
    from markupsafe import Markup

    drawn = {}
    for plot in plots:
        text = vl_convert.vegalite_to_svg(plot.chart.configure(**_config()).to_json())
        # Within an element with role="img" and words of its own, the parts of the picture say nothing more.
        text = re.sub(r' (role|aria-[a-z]+)="[^"]*"', "", text).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
        drawn[plot.name] = Drawn(Markup(text), plot.says, plot.caption)
    return drawn


def label(name: str, calls: int) -> str:
    """A name that strangers may have written, and of how many calls."""
    return f"{shortened(visible(name), 44)} ({calls:,})"


def room(labels: Iterable[str]) -> dict[str, float]:
    """Space around a chart with names at its left: the reader's font may be wider than the one they were measured in."""
    return {"left": 8 + 1.7 * max(map(len, labels)), "right": 8, "top": 5, "bottom": 5}


def _config() -> dict[str, Any]:
    words = {"labelColor": "var(--soft)", "titleColor": "var(--soft)", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": 400}
    lines = {"gridColor": "var(--line)", "domainColor": "var(--line)", "tickColor": "var(--line)", "labelLimit": 330}
    return {
        "background": "transparent",
        "font": _FONT,
        "view": {"stroke": None},
        "axis": words | lines,
        "legend": {**words, "orient": "top", "labelLimit": 240, "columns": 3, "columnPadding": 44},
    }
