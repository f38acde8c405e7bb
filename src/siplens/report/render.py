"""Writes reports as one self-contained HTML page, or as Markdown. No script, no resource from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from siplens.report.compliance import Compliance
from siplens.report.compliance_charts import compliance_charts
from siplens.report.compliance_summary import compliance_summary
from siplens.report.facts import Facts, evidence_text
from siplens.report.incident_charts import incident_charts
from siplens.report.ladder import place_of
from siplens.report.ladder_svg import lay_out
from siplens.report.summary import amount, summary
from siplens.report.text import markdown_cell, visible
from siplens.report.trend import WORDS, interval, percent
from siplens.rules import documentation
from siplens.version import __version__

_TEMPLATES = Path(__file__).with_name("templates")
CIRCLED = 20
"""Unicode has circled numbers up to this."""


@cache
def environment() -> Environment:
    """Jinja2 with autoescape on; `shown` makes hidden characters visible, `md` also takes Markdown out of force."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html.j2", "svg.j2"), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": _shown,
        "md": lambda value: markdown_cell(_words(value)),
        "badge": badge,
        "amount": amount,
        "place": place_of,
        "evidence": evidence_text,
        "number": number,
        "percent": percent,
        "interval": interval,
    }
    made.finalize = _shown_if_text
    made.globals |= {"documentation": documentation, "lay_out": lay_out, "version": __version__, "words": WORDS}
    return made


def render_html(facts: Facts) -> str:
    """The report as one HTML page."""
    page = environment().get_template("report.html.j2")
    return page.render(facts=facts, summary=summary(facts), charts=incident_charts(facts.matrix), **page_head())


def render_markdown(facts: Facts) -> str:
    """The report as Markdown."""
    return environment().get_template("report.md.j2").render(facts=facts, summary=summary(facts))


def compliance_html(report: Compliance) -> str:
    """A compliance report as one HTML page."""
    page = environment().get_template("compliance.html.j2")
    return page.render(report=report, summary=compliance_summary(report), charts=compliance_charts(report), **page_head())


def compliance_markdown(report: Compliance) -> str:
    """A compliance report as Markdown."""
    return environment().get_template("compliance.md.j2").render(report=report, summary=compliance_summary(report))


def page_head() -> dict[str, Any]:
    """The style sheet and its hash: the page's own policy forbids every other style, and all scripts."""
    from markupsafe import Markup

    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {"style": Markup(style), "style_hash": f"sha256-{digest}"}


def style_sheet() -> str:
    """The style sheet of reports."""
    return style_text("theme.css", "ladder.css", "page.css")


def style_text(*names: str) -> str:
    """Style sheets of the templates folder, one after another."""
    return "".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def number(value: float | None) -> str:
    """A count with its thousands apart; – where there is none."""
    return "–" if value is None else f"{value:,}"


def badge(ordinal: int) -> str:
    """The ordinal in a circle, such as ② for the second early dialog."""
    return chr(0x2460 + ordinal - 1) if 1 <= ordinal <= CIRCLED else f"({ordinal})"


def _words(value: object) -> str:
    return "" if value is None else str(value)


def _shown(value: object) -> str:
    return visible(_words(value))


def _shown_if_text(value: object) -> object:
    """Every text that a template prints has its hidden characters spelt out; markup made by the templates passes."""
    if value is None:
        return ""
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value, keep="\n")
    return value
