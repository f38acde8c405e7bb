"""The page that `siplens demo` ends with: all sample traces at a glance, with a link to the report of each."""

from __future__ import annotations

from collections.abc import Sequence

from siplens.report.render import environment, page_head
from siplens.report.samples import Case
from siplens.report.summary import summary


def render_index(cases: Sequence[Case]) -> str:
    """The overview as one HTML page; the reports lie beside it as <case>.html."""
    listed = [(case, summary(case.facts)) for case in cases]
    return environment().get_template("samples.html.j2").render(cases=listed, **page_head())
