"""The unit that starts a job: a cron line, a systemd timer with its service, or a task of the Windows Task Scheduler.

Each starts `siplens run JOB --if-due`, which does nothing where nothing is due. So a unit may start it more often than needed,
and must never start it less often: daylight saving, month ends and missed runs are settled by siplens, not by the unit.
"""

from __future__ import annotations

import calendar
import datetime as dt
import shlex
import shutil
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from siplens.jobs.job import Job
from siplens.jobs.recurrence import WEEKDAYS, Firing, firing


class UnitKind(StrEnum):
    """What starts jobs on a machine."""

    cron = "cron"
    systemd = "systemd"
    windows = "windows"


class UnitFile(NamedTuple):
    """One file of a unit, or the lines for a crontab."""

    name: str
    text: str


def usual_kind() -> UnitKind:
    """What this machine has: the Task Scheduler, systemd, else cron."""
    if sys.platform == "win32":
        return UnitKind.windows
    return UnitKind.systemd if Path("/run/systemd/system").is_dir() else UnitKind.cron


def machine_zone() -> ZoneInfo:
    """The time zone that this machine's clock shows."""
    import tzlocal

    try:
        return ZoneInfo(tzlocal.get_localzone_name())
    except Exception:  # a machine without a named zone runs on UTC, or says TZ=EST5EDT and the like
        return ZoneInfo("UTC")


def command(job: Job) -> list[str]:
    """What a unit runs: the siplens beside this Python, so that a virtual environment need not be active."""
    beside = Path(sys.executable).with_name("siplens.exe" if sys.platform == "win32" else "siplens")
    program = str(beside) if beside.exists() else shutil.which("siplens") or "siplens"
    return [program, "run", job.name, "--if-due", "--settings", str(job.settings)]


def unit_files(job: Job, kind: UnitKind, machine: ZoneInfo, now: dt.datetime, argv: list[str] | None = None) -> list[UnitFile]:
    """The unit of a job, explained in its own comments. machine: the zone of the clock that cron and Windows go by."""
    argv = argv or command(job)
    if kind is UnitKind.cron:
        return [UnitFile("crontab", _cron(job, firing(job.schedule, job.zone, machine, now), machine, argv))]
    if kind is UnitKind.systemd:
        return _systemd(job, firing(job.schedule, job.zone, job.zone, now), argv)
    return [UnitFile(f"siplens-{job.name}.xml", _windows(job, firing(job.schedule, job.zone, machine, now), machine, argv, now))]


def _explanation(job: Job, extra: list[str]) -> list[str]:
    return [
        f"siplens job {job.name}, described in [jobs.{job.name}] of {job.settings}.",
        f"Due {job.schedule.words()}, time of {job.zone.key}.",
        *extra,
        "It starts 'siplens run --if-due', which ends at once where nothing is due, makes up for runs that were missed while",
        f"the machine was off, and never runs twice at a time. Exit status: 0 clean, 1 findings at or above {job.fail_on}, 2 error.",
    ]


def _clock_words(job: Job, when: Firing, machine: ZoneInfo) -> list[str]:
    words = []
    if machine.key != job.zone.key:
        words.append(f"This machine's clock shows {machine.key}: the hours below are those at which the job is due there.")
    if any(1 < len(hours) < 24 for hours in when.hours.values()):
        words.append("More than one hour, because daylight saving moves it: all but one of the starts find nothing due.")
    return words


def _cron(job: Job, when: Firing, machine: ZoneInfo, argv: list[str]) -> str:
    """crontab(5) of every cron: no time zone variable, which only some of them know."""
    run = " ".join(shlex.quote(word) for word in argv).replace("%", r"\%")
    log = shlex.quote(str(job.settings.with_name(f"siplens-{job.name}.log"))).replace("%", r"\%")
    weekdays = "*" if len(when.weekdays) == 7 or when.days else ",".join(str((day + 1) % 7) for day in when.weekdays)
    days = ",".join(map(str, when.days)) or "*"
    lines = [f"# {line}" for line in _explanation(job, _clock_words(job, when, machine))]
    for minute, hours in when.hours.items():
        at = "*" if len(hours) == 24 else ",".join(map(str, hours))
        lines.append(f"{minute} {at} {days} * {weekdays} {run} >> {log} 2>&1")
    return "\n".join(lines) + "\n"


def _systemd(job: Job, when: Firing, argv: list[str]) -> list[UnitFile]:
    calendars = []
    for minute, hours in when.hours.items():
        weekdays = "" if len(when.weekdays) == 7 or when.days else ",".join(WEEKDAYS[day].title() for day in when.weekdays) + " "
        days = ",".join(f"{day:02d}" for day in when.days) or "*"
        at = "*" if len(hours) == 24 else ",".join(f"{hour:02d}" for hour in hours)
        calendars.append(f"OnCalendar={weekdays}*-*-{days} {at}:{minute:02d}:00 {job.zone.key}")
    comment = "".join(f"# {line}\n" for line in _explanation(job, _clock_words(job, when, job.zone)))
    timer = (
        f"{comment}# Persistent: a start that was missed is made up for when the machine is on again.\n"
        f"[Unit]\nDescription=Timer of siplens job {job.name}\n\n"
        f"[Timer]\n{chr(10).join(calendars)}\nPersistent=true\nAccuracySec=1min\n\n[Install]\nWantedBy=timers.target\n"
    )
    run = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") + '"' for word in argv)
    service = (
        f"{comment}# Secrets come from the environment: put NAME=value lines into the file below, readable by its owner only.\n"
        f"[Unit]\nDescription=siplens job {job.name}\nWants=network-online.target\nAfter=network-online.target\n\n"
        f"[Service]\nType=oneshot\nEnvironmentFile=-{_specifier(job.settings.with_suffix('.env'))}\n"
        f"WorkingDirectory={_specifier(job.settings.parent)}\nExecStart={run}\nNice=10\n"
    )
    return [UnitFile(f"siplens-{job.name}.timer", timer), UnitFile(f"siplens-{job.name}.service", service)]


def _specifier(path: Path) -> str:
    return str(path).replace("%", "%%")


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = tuple(calendar.month_name)[1:]


def _windows(job: Job, when: Firing, machine: ZoneInfo, argv: list[str], now: dt.datetime) -> str:
    """A task in the XML that schtasks /Create /XML takes: one trigger for each time of day, by the machine's clock.

    Elements come in the order of the schema (MS-TSCH 2.5). Without a named encoding, a file of it may be UTF-16 or UTF-8.
    """
    today = now.astimezone(machine).date().isoformat()
    triggers = "".join(
        f"    <CalendarTrigger>\n      <Enabled>true</Enabled>\n      <StartBoundary>{today}T{hour:02d}:{minute:02d}:00</StartBoundary>\n"
        f"{_windows_days(when)}    </CalendarTrigger>\n"
        for minute, hours in when.hours.items()
        for hour in hours
    )
    words = "\n".join(_explanation(job, [*_clock_words(job, when, machine), _logged_on(job)]))
    arguments = subprocess.list2cmdline(argv[1:])
    return (
        '<?xml version="1.0"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        f"  <RegistrationInfo>\n    <Description>{escape(words)}</Description>\n"
        f"    <URI>\\siplens\\{escape(job.name)}</URI>\n  </RegistrationInfo>\n"
        f"  <Triggers>\n{triggers}  </Triggers>\n"
        "  <Settings>\n"
        "    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n"
        "    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n"
        "    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n"
        "    <StartWhenAvailable>true</StartWhenAvailable>\n"
        "    <ExecutionTimeLimit>PT12H</ExecutionTimeLimit>\n"
        "  </Settings>\n"
        "  <Actions>\n    <Exec>\n"
        f"      <Command>{escape(argv[0])}</Command>\n      <Arguments>{escape(arguments)}</Arguments>\n"
        f"      <WorkingDirectory>{escape(str(job.settings.parent))}</WorkingDirectory>\n"
        "    </Exec>\n  </Actions>\n</Task>\n"
    )


def _logged_on(job: Job) -> str:
    return rf"It starts only while you are logged on. To start it always: schtasks /Change /TN siplens\{job.name} /RU USER /RP *"


def _windows_days(when: Firing) -> str:
    if when.days:
        days = "".join(f"<Day>{day}</Day>" for day in when.days)
        months = "".join(f"<{month} />" for month in _MONTHS)
        return f"      <ScheduleByMonth><DaysOfMonth>{days}</DaysOfMonth><Months>{months}</Months></ScheduleByMonth>\n"
    if len(when.weekdays) < 7:
        named = "".join(f"<{_DAYS[day]} />" for day in when.weekdays)
        return f"      <ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek>{named}</DaysOfWeek></ScheduleByWeek>\n"
    return "      <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay>\n"
