"""One run on one page of Markdown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from siplens.jobs.history import Run
from siplens.jobs.job import Job
from siplens.report.text import markdown_cell
from siplens.tell import NewsItem

MOST_ITEMS = 25


def headline(run: Run, items: Sequence[NewsItem]) -> str:
    """The run in one sentence."""
    if run.outcome == "error":
        return f"The run ended with an error: {run.detail}"
    calls = f"{run.calls:,} call{'' if run.calls == 1 else 's'}"
    if not run.findings:
        return f"{calls}, no failure."
    new = sum(item.news == "new" for item in items)
    changed = sum(item.news == "changed" for item in items)
    news = ", ".join(f"{count} {word}" for count, word in ((new, "new"), (changed, "changed")) if count) or "nothing new"
    return f"{calls}, {run.findings:,} failure{'' if run.findings == 1 else 's'} standing: {news}."


def page(job: Job, run: Run, period: str, items: Sequence[NewsItem], notes: Sequence[str], *, is_told: bool = False) -> str:
    """The run for people and for monitoring: outcome first, figures, what is new, whom it told.

    is_told: it goes to those who are told, and cannot say yet whom it reached.
    """
    lines = [
        f"# siplens {job.name}: {run.outcome}",
        "",
        markdown_cell(headline(run, items)),
        "",
        "| | |",
        "|---|---|",
        f"| Exit status | {run.exit_status} |",
        f"| Period | {period}{_ends(run, job)} |",
        f"| Due | {_local(run.due_at, job) or 'started by hand'} |",
        f"| Began, ended | {_local(run.started_at, job)}, {_local(run.ended_at, job)} |",
        f"| Files ingested | {run.files or 0} |",
        f"| Calls | {run.calls if run.calls is not None else '–'} |",
        f"| Failures standing | {run.findings if run.findings is not None else '–'} |",
        f"| New or changed | {run.new_findings if run.new_findings is not None else '–'} |",
        f"| Report | {markdown_cell(run.report or 'none')} |",
        *([] if is_told else [f"| Told | {markdown_cell(run.told or 'nobody')} |"]),
        "",
    ]
    fresh = [item for item in items if item.news != "standing"]
    if fresh:
        lines += ["## New or changed", "", "| rule | severity | where | reason |", "|---|---|---|---|"]
        lines += [
            f"| {item.rule_id} {markdown_cell(item.title)} | {item.severity} | {markdown_cell(item.where)} | {markdown_cell(item.reason)} |"
            for item in fresh[:MOST_ITEMS]
        ]
        more = len(fresh) - MOST_ITEMS
        lines += ["", f"and {more:,} more, in the report", ""] if more > 0 else [""]
    if notes:
        lines += ["## Notes", "", *(f"- {markdown_cell(note)}" for note in notes), ""]
    return "\n".join(lines)


def _ends(run: Run, job: Job) -> str:
    return f", from {_local(run.since, job)} until {_local(run.until, job)}" if run.since and run.until else ""


def _local(moment: dt.datetime | None, job: Job) -> str:
    return f"{moment.replace(tzinfo=dt.UTC).astimezone(job.zone):%Y-%m-%d %H:%M %Z}" if moment else ""
