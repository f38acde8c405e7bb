"""Colours of reports, ladders and the explorer can be read: 4.5 to 1 at least, as WCAG 2.1 (1.4.3) asks of text, light and dark."""

from __future__ import annotations

import re
from itertools import product

import pytest

from siplens.report.render import style_text

EARLY = [f"e{number}" for number in range(1, 9)]
SEVERITIES = ["critical", "high", "medium", "low", "info"]
TEXT = [
    *product(["ink", "soft", "accent", "pass", "fail", "unknown", *EARLY], ["paper", "card"]),
    *product(["ink", "soft"], ["code"]),
    *[(word, f"{word}-soft") for word in ("pass", "fail", "unknown")],
    *product(["card"], [*SEVERITIES, "pass", "fail", "unknown"]),
]
"""Colour of the text, and of what it stands on."""


def colours(scheme: str) -> dict[str, str]:
    light, dark = style_text("theme.css").split("@media", 1)
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(scheme: str) -> None:
    known = colours(scheme)
    faint = []
    for text, ground in TEXT:
        low, high = sorted((luminance(known[text]), luminance(known[ground])))
        if (ratio := (high + 0.05) / (low + 0.05)) < 4.5:
            faint.append(f"{text} on {ground}: {ratio:.2f}")
    assert faint == []
