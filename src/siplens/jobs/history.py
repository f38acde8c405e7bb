"""Rows of `run`: every run of a job, in whatever way it ended, and which findings a destination was told of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from siplens.store import Store

DONE = ("clean", "findings")
"""Outcomes after which a due time is settled; after an error it is tried again when the job is next started."""


@dataclass(slots=True)
class Run:
    """One row of `run`; times are naive UTC."""

    run_no: int
    job: str
    due_at: dt.datetime | None
    started_at: dt.datetime
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    outcome: str = "running"
    exit_status: int | None = None
    files: int | None = None
    calls: int | None = None
    findings: int | None = None
    new_findings: int | None = None
    report: str | None = None
    told: str | None = None
    detail: str | None = None


def begin(store: Store, job: str, due_at: dt.datetime | None) -> Run:
    """Enters a run that begins now."""
    number: int = store.value("select coalesce(max(run_no), 0) + 1 from run")
    run = Run(number, job, due_at, now())
    names = [field.name for field in fields(Run)]
    marks = ", ".join(f"? AS {name}" for name in names)
    store.con.execute(f"INSERT INTO run BY NAME SELECT {marks}", [getattr(run, name) for name in names])
    return run


def write(store: Store, run: Run) -> None:
    """Brings the row of a run up to date."""
    names = [field.name for field in fields(Run) if field.name != "run_no"]
    assigned = ", ".join(f"{name} = ?" for name in names)
    store.con.execute(f"UPDATE run SET {assigned} WHERE run_no = ?", [*(getattr(run, name) for name in names), run.run_no])


def note_broken_off(store: Store, job: str) -> None:
    """Runs of this job that never came to their end: only who holds the job's lock may say so."""
    store.con.execute("UPDATE run SET outcome = 'broken off' WHERE job = ? AND outcome = 'running'", [job])


def last_settled(store: Store, job: str) -> dt.datetime | None:
    """The latest due time that a run of this job has settled, as an aware time."""
    query = "select max(due_at) from run where job = ? and list_contains(?, outcome)"
    found: dt.datetime | None = store.value(query, [job, list(DONE)])
    return found.replace(tzinfo=dt.UTC) if found else None


def told_before(store: Store, job: str, destination: str) -> dict[str, str]:
    """Fingerprint → digest of the findings that the destination was told of."""
    query = "select fingerprint, max_by(digest, told_at) from told_finding where job = ? and destination = ? group by fingerprint"
    return dict(store.query(query, [job, destination]).rows)


def note_told(store: Store, job: str, destination: str, findings: Iterable[tuple[str, str]]) -> None:
    """Notes what a destination was told: (fingerprint, digest)."""
    for fingerprint, digest in findings:
        store.con.execute("DELETE FROM told_finding WHERE job = ? AND destination = ? AND fingerprint = ?", [job, destination, fingerprint])
        store.con.execute("INSERT INTO told_finding VALUES (?, ?, ?, ?, ?)", [job, destination, fingerprint, digest, now()])


_ERROR = "(error)"
"""In place of a finding's fingerprint: the error that the last run ended with."""


def error_told(store: Store, job: str, destination: str) -> str | None:
    """The error that the destination was told of, if no run ended well since."""
    return told_before(store, job, destination).get(_ERROR)


def note_error_told(store: Store, job: str, destination: str, error: str | None) -> None:
    """Notes what error a destination was told of; None: a run ended well."""
    store.con.execute("DELETE FROM told_finding WHERE job = ? AND destination = ? AND fingerprint = ?", [job, destination, _ERROR])
    if error is not None:
        note_told(store, job, destination, [(_ERROR, error)])


def sql(name: str) -> str:
    """The text of jobs/sql/<name>.sql."""
    return (Path(__file__).with_name("sql") / f"{name}.sql").read_text(encoding="utf-8")


def now() -> dt.datetime:
    """Naive UTC, as the store has times."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)
