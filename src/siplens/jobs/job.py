"""A job as [jobs.NAME] in siplens.toml describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from siplens.jobs.period import PERIODS
from siplens.jobs.recurrence import FORMS, Recurrence, parse
from siplens.settings import Settings, Table

KINDS = ("incident", "compliance")
FAIL_ON = ("critical", "high", "medium", "low", "info", "never")


@dataclass(frozen=True, slots=True)
class Job:
    """What a job reads, judges, writes and tells, and when."""

    name: str
    settings: Path
    """The siplens.toml that describes it, absolute."""
    schedule: Recurrence
    zone: ZoneInfo
    database: Path
    ingest: tuple[str, ...]
    """Files, folders and globs."""
    config: tuple[Path, ...]
    log_zone: str
    rules: tuple[str, ...]
    fail_on: str
    period: str
    report: str | None
    """Where the report goes, with {job}, {period} and {date}."""
    report_kind: str
    """One of KINDS."""
    title: str
    summary: str | None
    tell: tuple[str, ...]
    tell_all: bool
    prune_days: int | None
    catch_up: int
    """How many missed runs are made up for at most."""

    @property
    def lock(self) -> Path:
        """The file whose lock says that a run is going on."""
        return self.database.with_name(f"{self.database.name}.{self.name}.lock")


def read_job(settings: Settings, name: str) -> Job:
    """The job of that name. Raises ConfigurationError with file, line and key."""
    table = settings.named("jobs", name)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name):
        raise table.fault(None, "a job's name is letters, digits, - and _", "it names files and units")
    folder = settings.path.resolve().parent
    schedule = parse(table.take("schedule", str))
    if schedule is None:
        raise table.fault("schedule", f"{table.values['schedule']!r} names no time", f"write one of: {FORMS}")
    job = Job(
        name=name,
        settings=settings.path.resolve(),
        schedule=schedule,
        zone=_zone(table),
        database=folder / table.take("database", str, "siplens.duckdb"),
        ingest=tuple(str(folder / path) for path in table.texts("ingest", [])),
        config=tuple(folder / path for path in table.texts("config", [])),
        log_zone=table.take("log_tz", str, "UTC"),
        rules=tuple(table.texts("rules", [])),
        fail_on=table.choice("fail_on", FAIL_ON, "high"),
        period=table.choice("period", PERIODS, "last day"),
        report=_path_pattern(table, "report", folder),
        report_kind=table.choice("report_kind", KINDS, "incident"),
        title=table.take("title", str, "Media bypass report"),
        summary=_path_pattern(table, "summary", folder),
        tell=tuple(table.texts("tell", [])),
        tell_all=table.take("tell_all", bool, False),
        prune_days=_days(table),
        catch_up=table.take("catch_up", int, 7),
    )
    known = settings.names("tell")
    for destination in job.tell:
        if destination not in known:
            raise table.fault("tell", f"there is no [tell.{destination}]", f"known are {', '.join(known)}" if known else None)
    table.done()
    return job


def _zone(table: Table) -> ZoneInfo:
    name = table.take("time_zone", str)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise table.fault("time_zone", f"there is no time zone {name!r}", "write a name such as Europe/Berlin, or UTC") from error


def _path_pattern(table: Table, key: str, folder: Path) -> str | None:
    """A path with {job}, {period}, {date} in it, from the folder of siplens.toml; None where the key is not set."""
    if not table.has(key):
        return None
    pattern = table.take(key, str)
    try:
        pattern.format(job="", period="", date="")
    except (KeyError, IndexError, ValueError) as error:
        raise table.fault(key, f"{pattern!r} holds something else in braces", "known are {job}, {period}, {date}") from error
    return str(folder / pattern)


def _days(table: Table) -> int | None:
    if not table.has("prune_older_than"):
        return None
    found = re.fullmatch(r"(\d+)\s*d", table.take("prune_older_than", str))
    if not found or not int(found[1]):
        raise table.fault("prune_older_than", "is not a number of days", 'write it as "90d"')
    return int(found[1])
