"""`siplens schedule`: the unit that starts a job of siplens.toml: print it, install it, remove it, list when it is due."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from siplens.cli.choices import Format
from siplens.cli.options import Output

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from siplens.jobs.job import Job
    from siplens.jobs.unit import UnitFile, UnitKind

app = typer.Typer(help="Print, install and remove the unit that starts a job of siplens.toml; list when it is due.", no_args_is_help=True)


class Scheduler(StrEnum):
    """What starts jobs."""

    cron = "cron"
    systemd = "systemd"
    windows = "windows"


Name = Annotated[str, typer.Argument(metavar="JOB", help="Name of the job: [jobs.JOB] in siplens.toml.", show_default=False)]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings", metavar="FILE", envvar="SIPLENS_CONFIG", help="The settings; siplens.toml here, if not named.", show_envvar=True
    ),
]
For = Annotated[
    Scheduler | None, typer.Option("--for", help="cron, systemd (timer) or windows (Task Scheduler); what this machine has, if not named.")
]
MachineZone = Annotated[
    str | None, typer.Option(metavar="ZONE", help="Time zone of the clock that cron and Windows go by; this machine's, if not named.")
]


@app.command("list")
def list_jobs(settings: SettingsFile = None, fmt: Output = Format.table) -> None:
    """List the jobs of siplens.toml."""
    from siplens.cli.rows import emit
    from siplens.jobs.job import read_job
    from siplens.settings import find_settings

    found = find_settings(settings)
    jobs = [read_job(found, name) for name in found.names("jobs")]
    rows: list[dict[str, object]] = [
        {"job": job.name, "due": job.schedule.words(), "time_zone": job.zone.key, "period": job.period, "tell": ", ".join(job.tell)}
        for job in jobs
    ]
    emit(rows, ("job", "due", "time_zone", "period", "tell"), fmt)


@app.command("print")
def print_unit(name: Name, scheduler: For = None, machine_zone: MachineZone = None, settings: SettingsFile = None) -> None:
    """Print the unit with its explanation; change nothing."""
    from siplens.cli import console

    _, _, files = _unit(name, scheduler, machine_zone, settings)
    for number, file in enumerate(files):
        head = f"# {file.name}\n" if len(files) > 1 else ""
        console.write(("\n" if number else "") + head + file.text)


@app.command("install")
def install_unit(name: Name, scheduler: For = None, machine_zone: MachineZone = None, settings: SettingsFile = None) -> None:
    """Install the unit in place of one for the same job, and list the next times it is due."""
    from siplens.cli import console
    from siplens.jobs.install import install

    job, kind, files = _unit(name, scheduler, machine_zone, settings)
    for line in install(name, kind, files):
        console.write(f"{line}\n")
    first = job.schedule.next_after(dt.datetime.now(dt.UTC), job.zone)
    console.write(f"due {job.schedule.words()}, first on {first.astimezone(job.zone):%A, %Y-%m-%d %H:%M %Z}\n")


@app.command("remove")
def remove_unit(name: Name, scheduler: For = None) -> None:
    """Remove the unit of a job. The job stays in siplens.toml."""
    from siplens.cli import console
    from siplens.jobs.install import remove
    from siplens.jobs.unit import UnitKind, usual_kind

    for line in remove(name, UnitKind(scheduler.value) if scheduler else usual_kind()):
        console.write(f"{line}\n")


@app.command("next")
def next_runs(
    name: Annotated[str | None, typer.Argument(metavar="[JOB]", help="All jobs, if none is named.", show_default=False)] = None,
    count: Annotated[int, typer.Option(min=1, max=1000, help="How many times to list.")] = 5,
    after: Annotated[str | None, typer.Option(metavar="TIME", help="From this time (UTC) on; now, if not given.")] = None,
    settings: SettingsFile = None,
    fmt: Output = Format.table,
) -> None:
    """List the next times a job is due, and the period that each will report."""
    from siplens.cli.report import moment
    from siplens.cli.rows import emit
    from siplens.jobs.job import read_job
    from siplens.jobs.period import span
    from siplens.settings import find_settings

    found = find_settings(settings)
    start = moment("--after", after)
    now = start.replace(tzinfo=dt.UTC) if start else dt.datetime.now(dt.UTC)
    rows: list[dict[str, object]] = []
    for job in [read_job(found, each) for each in ([name] if name else found.names("jobs"))]:
        for due in islice(job.schedule.due_after(now, job.zone), count):
            local = f"{due.astimezone(job.zone):%Y-%m-%d %H:%M %Z}"
            period = span(job.period, due, job.zone).title
            rows.append({"job": job.name, "due_utc": due.replace(tzinfo=None), "due_local": local, "period": period})
    rows.sort(key=lambda row: (row["due_utc"], row["job"]))
    emit(rows, ("job", "due_utc", "due_local", "period"), fmt)


def _unit(name: str, scheduler: Scheduler | None, zone: str | None, settings: Path | None) -> tuple[Job, UnitKind, list[UnitFile]]:
    from siplens.jobs.job import read_job
    from siplens.jobs.unit import UnitKind, machine_zone, unit_files, usual_kind
    from siplens.settings import find_settings

    job = read_job(find_settings(settings), name)
    kind = UnitKind(scheduler.value) if scheduler else usual_kind()
    return job, kind, unit_files(job, kind, _named_zone(zone) if zone else machine_zone(), dt.datetime.now(dt.UTC))


def _named_zone(name: str) -> ZoneInfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from siplens.errors import SiplensError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SiplensError(f"--machine-zone {name}: there is no such time zone", hint="use a name such as Europe/Berlin, or UTC") from error
