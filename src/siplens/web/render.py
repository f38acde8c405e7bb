"""Templates of the explorer. They extend the report's: same style sheet, same ladder, same words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from siplens.report.render import environment, style_sheet
from siplens.report.text import visible
from siplens.report.values import words
from siplens.web.state import State

_FOLDER = Path(__file__).resolve().parent
_PARTS = re.compile(r"[^.@:_-]*[.@:_-]?")


@cache
def _environment() -> Environment:
    report = environment()
    made = report.overlay(loader=FileSystemLoader([_FOLDER / "templates", *_search_path(report)]))
    made.filters = report.filters | {"words": words, "breakable": breakable}
    return made


def _search_path(report: Environment) -> list[str]:
    loader = report.loader
    return list(loader.searchpath) if isinstance(loader, FileSystemLoader) else []


def page(template: str, *, state: State, **facts: Any) -> str:
    """One page. `form_key` is what its forms must send back."""
    return _environment().get_template(template).render(form_key=state.access.form_key, database=state.library.path.name, **facts)


def breakable(name: str | None) -> Markup:
    """A name or address that a line may break behind its dots and signs, rather than within a word."""
    return Markup("").join(Markup("{}<wbr>").format(part) for part in _PARTS.findall(visible(name or "")) if part)


@cache
def style() -> str:
    """The report's style sheet and what the explorer adds to it."""
    return style_sheet() + (_FOLDER / "static" / "explorer.css").read_text(encoding="utf-8")


@cache
def script() -> str:
    """Keyboard use; every page works without it."""
    return (_FOLDER / "static" / "explorer.js").read_text(encoding="utf-8")
