"""One start of a job: reads and judges once, then reports and tells for every time that was due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from siplens.errors import SiplensError
from siplens.jobs import history
from siplens.jobs.history import Run
from siplens.jobs.job import Job
from siplens.jobs.period import Span, span
from siplens.jobs.prepare import prepare, rule_folders
from siplens.jobs.summary import headline, page
from siplens.report.forms import ENDINGS, form_of, gather_report, write_report
from siplens.report.period import Period
from siplens.rules import Severity, load_rules
from siplens.settings import Settings
from siplens.store import Store
from siplens.store.waiting import open_when_free
from siplens.tell import Destination, Message, NewsItem, read_destination, tell

PATIENCE_S = 1800.0
"""How long a run waits for a database that another process has, in seconds."""
CLEAN, FOUND, ERROR = 0, 1, 2
OWN_PAGE = ""
"""As a destination: the run's own page. New to it is what the job's last run did not find."""

Say = Callable[[str], None]


class BusyError(SiplensError):
    """Another run of the same job is going on."""


@dataclass(slots=True)
class Report:
    """What became of one run: its row, and the page about it."""

    run: Run
    summary: str


@dataclass(slots=True)
class _Found:
    """What stands in a period."""

    items: list[NewsItem]
    digests: dict[str, str]
    before: dict[str, dict[str, str]]
    """Destination → what it was told before."""
    notes: list[str] = field(default_factory=list)


def run_job(job: Job, settings: Settings, say: Say, *, if_due: bool = False, now: dt.datetime | None = None) -> list[Report]:
    """Runs a job now, or for every time it was due since its last run (`if_due`; none: nothing is done). Returns one report a run.

    Only one run of a job at a time: raises BusyError. Errors of the run itself are in its row and its report, not raised.
    """
    now = now or dt.datetime.now(dt.UTC)
    destinations = [read_destination(settings, name) for name in job.tell]  # a mistake in them is found before the work is done
    if job.report and not any(job.report.lower().endswith(ending) for ending in ENDINGS):
        raise SiplensError(
            f"{job.settings}: [jobs.{job.name}] report: its ending names no form of report", f"known are {', '.join(ENDINGS)}"
        )
    job.database.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(job.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyError(f"{job.name}: another run of this job is going on", f"its lock is {job.lock}") from error
    try:
        with _open(job, say) as store:
            history.note_broken_off(store, job.name)
            due = job.schedule.missed(history.last_settled(store, job.name), now, job.zone) if if_due else [None]
            if not due:
                return []
            run = history.begin(store, job.name, _naive(due[-job.catch_up :][0]))
        notes = [f"{len(due) - job.catch_up} earlier runs were missed and are not made up for (catch_up = {job.catch_up})"]
        work = _Work(job, settings, say, now, destinations, notes if len(due) > job.catch_up else [])
        return work.all(run, due[-job.catch_up :])
    finally:
        lock.release()


class _Work:
    """The steps of one start of a job."""

    def __init__(
        self, job: Job, settings: Settings, say: Say, now: dt.datetime, destinations: Sequence[Destination], notes: list[str]
    ) -> None:
        self.job, self.settings, self.say, self.now, self.destinations, self.notes = job, settings, say, now, destinations, notes

    def all(self, run: Run, due: Sequence[dt.datetime | None]) -> list[Report]:
        """Prepares once, then reports for each due time, oldest first; stops at the first error."""
        reports: list[Report] = []
        try:
            with _open(self.job, self.say) as store:
                run.files, notes = prepare(store, self.job, self.settings, self.say)
                self.notes += notes
        except (SiplensError, OSError, duckdb.Error) as error:
            return [self._failed(run, error)]
        for number, moment in enumerate(due):
            if number:
                with _open(self.job, self.say) as store:
                    run = history.begin(store, self.job.name, _naive(moment))
            try:
                reports.append(self._one(run, moment or self.now))
            except (SiplensError, OSError, duckdb.Error) as error:
                return [*reports, self._failed(run, error)]
        self._prune()
        return reports

    def _one(self, run: Run, moment: dt.datetime) -> Report:
        """Report, news and telling for one due time."""
        covered = span(self.job.period, moment, self.job.zone)
        run.since, run.until = covered.since, covered.until
        date = f"{moment.astimezone(self.job.zone):%Y-%m-%d}"
        with _open(self.job, self.say) as store:
            found = self._find(store, run, covered)
            if self.job.report:
                run.report = self.job.report.format(job=self.job.name, period=covered.title, date=date)
                self._write_report(store, Path(run.report), covered)
        worst = [item for item in found.items if self.job.fail_on != "never" and Severity(item.severity) >= Severity(self.job.fail_on)]
        run.outcome, run.exit_status = ("findings", FOUND) if worst else ("clean", CLEAN)
        run.ended_at = history.now()
        told = self._tell(run, covered, date, found)
        run.ended_at = history.now()
        with _open(self.job, self.say) as store:
            for destination, items in {OWN_PAGE: found.items, **told}.items():
                history.note_told(
                    store, self.job.name, destination, [(item.fingerprint, found.digests[item.fingerprint]) for item in items]
                )
            for name in self.job.tell:
                history.note_error_told(store, self.job.name, name, None)
            history.write(store, run)
        return self._finished(run, covered, date, found.items, found.notes)

    def _find(self, store: Store, run: Run, covered: Span) -> _Found:
        period = {"since": covered.since, "until": covered.until}
        run.calls, unknown = store.query(history.sql("calls_in_period"), period).rows[0]
        titles = {rule.id: rule.title for rule in load_rules(rule_folders(self.settings))}
        before = {name: history.told_before(store, self.job.name, name) for name in (OWN_PAGE, *self.job.tell)}
        items, digests = [], {}
        for fingerprint, rule_id, severity, call_no, peer, reason, digest in store.query(
            history.sql("standing_findings"), period | {"now": history.now()}
        ).rows:
            title = titles.get(rule_id, rule_id)
            items.append(
                NewsItem(fingerprint, rule_id, title, severity, news_of(before[OWN_PAGE], fingerprint, digest), call_no, peer, reason)
            )
            digests[fingerprint] = digest
        run.findings = len(items)
        run.new_findings = sum(item.news != "standing" for item in items)
        notes = [f"{unknown:,} judgements could not be made for want of evidence"] if unknown else []
        return _Found(items, digests, before, notes)

    def _write_report(self, store: Store, path: Path, covered: Span) -> None:
        form = form_of(path)
        period = Period(covered.since, covered.until, self.job.zone.key)
        title = f"{self.job.title}, {covered.title}"
        facts = gather_report(store, form, period, title=title, compliance=self.job.report_kind == "compliance")
        threshold = None if self.job.fail_on == "never" else Severity(self.job.fail_on)
        save(path, write_report(facts, form, threshold=threshold))

    def _tell(self, run: Run, covered: Span, date: str, found: _Found) -> dict[str, list[NewsItem]]:
        """Tells each destination what is new to it. One that cannot be reached is noted, and hears of it next time."""
        told: dict[str, list[NewsItem]] = {}
        words = []
        for destination in self.destinations:
            everything = destination.everything or self.job.tell_all
            items = [_seen_by(item, found, destination.name) for item in found.items]
            if not everything:
                items = [item for item in items if item.news != "standing"]
                if not items:
                    continue
            message = Message(
                job=self.job.name,
                title=self.job.title,
                period=covered.title,
                outcome=run.outcome,
                headline=headline(run, items),
                items=items,
                figures={"calls": run.calls or 0, "failures standing": run.findings or 0, "new or changed": len(_fresh(items))},
                summary=page(self.job, run, covered.title, items, self.notes + found.notes, is_told=True),
                report=Path(run.report) if run.report else None,
            )
            try:
                words.append(tell(destination, message, date))
                told[destination.name] = items
            except SiplensError as error:
                words.append(error.message)
                found.notes.append(error.message)
                run.detail = error.message
                run.exit_status = ERROR  # findings that reach nobody must not look like a success
            self.say(words[-1])
        run.told = "; ".join(words) or None
        return told

    def _failed(self, run: Run, error: Exception) -> Report:
        run.outcome, run.exit_status, run.ended_at = "error", ERROR, history.now()
        run.detail = error.message if isinstance(error, SiplensError) else str(error).partition("\n")[0]
        moment = run.due_at.replace(tzinfo=dt.UTC) if run.due_at else self.now
        covered, date = span(self.job.period, moment, self.job.zone), f"{moment.astimezone(self.job.zone):%Y-%m-%d}"
        told = self._tell_of_error(run, covered, date)
        with _open(self.job, self.say) as store:
            for destination in told:
                history.note_error_told(store, self.job.name, destination, run.detail)
            history.write(store, run)
        return self._finished(run, covered, date, [], [])

    def _tell_of_error(self, run: Run, covered: Span, date: str) -> list[str]:
        """Tells of the error of a run those who were not told of the same one before; returns who was."""
        with _open(self.job, self.say) as store:
            before = {each.name: history.error_told(store, self.job.name, each.name) for each in self.destinations}
        summary = page(self.job, run, covered.title, [], self.notes, is_told=True)
        message = Message(
            self.job.name, self.job.title, covered.title, run.outcome, headline(run, []), [], {"files ingested": run.files or 0}, summary
        )
        told, words = [], []
        for destination in self.destinations:
            if before[destination.name] == run.detail:
                continue
            try:
                words.append(tell(destination, message, date))
                told.append(destination.name)
            except SiplensError as error:
                words.append(error.message)
            self.say(words[-1])
        run.told = "; ".join(words) or None
        return told

    def _finished(self, run: Run, covered: Span, date: str, items: Sequence[NewsItem], notes: Sequence[str]) -> Report:
        text = page(self.job, run, covered.title, items, [*self.notes, *notes])
        if self.job.summary:
            save(Path(self.job.summary.format(job=self.job.name, period=covered.title, date=date)), text)
        return Report(run, text)

    def _prune(self) -> None:
        if self.job.prune_days is None:
            return
        from siplens.archive.prune import cut_for, prune

        pruned = prune(self.job.database, cut_for(self.job.prune_days, self.now))
        if pruned.rows_dropped:
            self.say(pruned.words)


def news_of(told: dict[str, str], fingerprint: str, digest: str) -> str:
    """new where nothing was told of it, changed where it was told otherwise, else standing."""
    if fingerprint not in told:
        return "new"
    return "standing" if told[fingerprint] == digest else "changed"


def save(path: Path, text: str) -> None:
    """Writes a file whole or not at all, with the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8", errors="backslashreplace")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _seen_by(item: NewsItem, found: _Found, destination: str) -> NewsItem:
    return replace(item, news=news_of(found.before[destination], item.fingerprint, found.digests[item.fingerprint]))


def _fresh(items: Sequence[NewsItem]) -> list[NewsItem]:
    return [item for item in items if item.news != "standing"]


def _open(job: Job, say: Say) -> Store:
    return open_when_free(job.database, write=True, patience_s=PATIENCE_S, say=say)


def _naive(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment else None
