"""The forms that a report may have, by the ending of its file."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from siplens.errors import SiplensError
from siplens.report.compliance import Compliance, gather_compliance
from siplens.report.facts import Facts, gather
from siplens.report.period import Period
from siplens.rules import Severity
from siplens.store import Store


class ReportForm(StrEnum):
    """What a report is written as."""

    html = "html"
    markdown = "markdown"
    json = "json"
    csv = "csv"
    sarif = "sarif"
    junit = "junit"

    @property
    def is_for_programs(self) -> bool:
        """Whether programs read it: then it has every finding, where a page has as many as people can read."""
        return self not in (ReportForm.html, ReportForm.markdown)


ENDINGS = {
    ".html": ReportForm.html,
    ".htm": ReportForm.html,
    ".md": ReportForm.markdown,
    ".json": ReportForm.json,
    ".csv": ReportForm.csv,
    ".sarif": ReportForm.sarif,
    ".sarif.json": ReportForm.sarif,
    ".xml": ReportForm.junit,
}
"""Forms by a file's ending; the longest that fits counts."""


def form_of(path: Path) -> ReportForm:
    """The form that the ending of `path` names. Raises SiplensError where it names none."""
    name = path.name.lower()
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.endswith(ending):
            return ENDINGS[ending]
    raise SiplensError(f"{path}: its ending names no form of report", hint=f"endings known: {', '.join(ENDINGS)}; or give --format")


def gather_report(store: Store, form: ReportForm, period: Period, *, title: str, compliance: bool) -> Facts | Compliance:
    """What a report of this form is written from, out of a store whose findings are current.

    SARIF lists findings and where they lie, so it is made from the findings of the period, whatever kind of report was asked for.
    """
    if compliance and form is not ReportForm.sarif:
        return gather_compliance(store, period, title=title)
    return gather(store, period, title=title, complete=form.is_for_programs)


def write_report(facts: Facts | Compliance, form: ReportForm, *, threshold: Severity | None = Severity.high) -> str:
    """The report as text. `threshold`: the severity from which on a finding fails a case of JUnit; None: none does."""
    if isinstance(facts, Compliance):
        return _write_compliance(facts, form)
    if form is ReportForm.html or form is ReportForm.markdown:
        from siplens.report.render import render_html, render_markdown

        return render_html(facts) if form is ReportForm.html else render_markdown(facts)
    if form is ReportForm.json:
        from siplens.report.document import incident_json

        return incident_json(facts)
    from siplens.report.judgements import judgements_of_report

    judged = judgements_of_report(facts)
    if form is ReportForm.csv:
        from siplens.report.findings_csv import findings_csv

        return findings_csv(judged)
    if form is ReportForm.sarif:
        from siplens.report.sarif import sarif

        return sarif(judged)
    from siplens.report.junit import junit

    return junit(judged, threshold)


def _write_compliance(report: Compliance, form: ReportForm) -> str:
    from siplens.report.compliance_document import compliance_csv, compliance_json, compliance_junit
    from siplens.report.render import compliance_html, compliance_markdown

    writers = {
        ReportForm.html: compliance_html,
        ReportForm.markdown: compliance_markdown,
        ReportForm.json: compliance_json,
        ReportForm.csv: compliance_csv,
        ReportForm.junit: compliance_junit,
    }
    return writers[form](report)
