"""A ladder as a file of its own: an SVG that follows its reader from light to dark."""

from __future__ import annotations

from siplens.report.calls import CallSheet
from siplens.report.ladder_svg import lay_out
from siplens.report.render import environment, style_text
from siplens.report.text import visible


def ladder_title(sheet: CallSheet) -> str:
    """Who called whom."""
    head = sheet.head
    return visible(f"Call {sheet.call_no}: {head['caller'] or '?'} → {head['called'] or '?'}")


def ladder_subtitle(sheet: CallSheet) -> str:
    """When, over which peer, and the verdict."""
    head = sheet.head
    began = f"{head['started_ts']:%Y-%m-%d %H:%M:%S} UTC" if head["started_ts"] else "at a time not known"
    words = {"pass": "yes", "fail": "no"}
    bypass = f"bypass expected: {words.get(head['expected'], 'unknown')}, observed: {words.get(head['observed'], 'unknown')}"
    cause = f" · {head['cause']}" if head["cause"] else ""
    return visible(f"{began} · peer {head['peer'] or 'unknown'} · {bypass}{cause}")


def ladder_svg(sheet: CallSheet) -> str:
    """The sheet's ladder as a whole SVG file."""
    from markupsafe import Markup

    template = environment().get_template("ladder_file.svg.j2")
    style = Markup(style_text("theme.css", "ladder.css"))
    return template.render(drawing=lay_out(sheet.ladder), title=ladder_title(sheet), subtitle=ladder_subtitle(sheet), style=style)
