"""Units that cron, systemd and Windows accept, and that start a job at every time it is due."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from itertools import takewhile
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter

from siplens.cli.app import main
from siplens.jobs.job import Job, read_job
from siplens.jobs.unit import UnitKind, unit_files
from siplens.settings import find_settings

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SCHEDULES = ("daily 06:00", "daily 02:30", "weekly sun 02:30", "monthly last 23:30", "monthly 29 00:15", "weekdays 06:00", "hourly :15")
ZONES = ("Europe/Berlin", "America/New_York")


def job(folder: Path, schedule: str, zone: str = "Europe/Berlin") -> Job:
    path = folder / "siplens.toml"
    path.write_text(f'[jobs.nightly]\nschedule = "{schedule}"\ntime_zone = "{zone}"\ningest = ["captures"]\n')
    return read_job(find_settings(path), "nightly")


def cron_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize("machine", ["Europe/Berlin", "America/New_York", "UTC"])
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_cron_starts_the_job_at_every_time_it_is_due(tmp_path: Path, schedule: str, zone: str, machine: str) -> None:
    """A parser of crontabs that we did not write says when the line fires, over both changes of the clock and a leap day."""
    nightly, clock = job(tmp_path, schedule, zone), ZoneInfo(machine)
    [unit] = unit_files(nightly, UnitKind.cron, clock, START, ["/opt/siplens", "run", "nightly"])
    expressions = [" ".join(line.split()[:5]) for line in cron_lines(unit.text)]
    assert all(croniter.is_valid(expression) for expression in expressions)
    until = START + dt.timedelta(days=3 if schedule.startswith("hourly") else 800)
    for due in takewhile(lambda moment: moment < until, nightly.schedule.due_after(START, nightly.zone)):
        wall = due.astimezone(clock).replace(tzinfo=None)
        assert any(croniter.match(expression, wall) for expression in expressions), f"{expressions} does not fire at {wall}"


def test_the_cron_line_and_its_explanation(tmp_path: Path) -> None:
    nightly = job(tmp_path, "daily 06:00")
    [unit] = unit_files(nightly, UnitKind.cron, ZoneInfo("UTC"), START, ["/opt/si plens", "run", "nightly", "100%"])
    assert cron_lines(unit.text) == [rf"0 4,5 * * * '/opt/si plens' run nightly 100\% >> {tmp_path}/siplens-nightly.log 2>&1"]
    assert "# Due every day at 06:00, time of Europe/Berlin." in unit.text
    assert "# This machine's clock shows UTC: the hours below are those at which the job is due there." in unit.text


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_systemd_accepts_the_units(tmp_path: Path, schedule: str) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not installed")
    units = unit_files(job(tmp_path, schedule), UnitKind.systemd, ZoneInfo("UTC"), START, ["/bin/true", '100% "a" $b'])
    for unit in units:
        (tmp_path / unit.name).write_text(unit.text)
    verified = subprocess.run([analyze, "verify", *(tmp_path / unit.name for unit in units)], capture_output=True, text=True, check=False)
    ours = [line for line in verified.stderr.splitlines() if "siplens" in line]
    assert (verified.returncode, ours) == (0, [])


@pytest.mark.parametrize("zone", ZONES)
def test_systemd_starts_the_job_at_every_time_it_is_due(tmp_path: Path, zone: str) -> None:
    """02:30, which one day of the year does not have in Berlin and New York: systemd itself would leave that day out."""
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("systemd-analyze is not installed")
    nightly = job(tmp_path, "daily 02:30", zone)
    [timer, _] = unit_files(nightly, UnitKind.systemd, ZoneInfo("UTC"), START, ["/bin/true"])
    fired: set[str] = set()
    for line in timer.text.splitlines():
        if line.startswith("OnCalendar="):
            asked = [analyze, "calendar", "--base-time=2026-01-01 00:00:00 UTC", "--iterations=800", line.removeprefix("OnCalendar=")]
            done = subprocess.run(asked, capture_output=True, text=True, check=True, env=os.environ | {"TZ": "UTC", "LC_ALL": "C"})
            fired |= {" ".join(row.split()[-3:-1]) for row in done.stdout.splitlines() if row.endswith(" UTC")}
    for due in takewhile(lambda moment: moment < START + dt.timedelta(days=360), nightly.schedule.due_after(START, nightly.zone)):
        assert f"{due:%Y-%m-%d %H:%M:%S}" in fired


@pytest.mark.parametrize(
    ("schedule", "days"),
    [
        ("daily 06:00", "ScheduleByDay"),
        ("weekly mon 06:00", "ScheduleByWeek"),
        ("monthly last 06:00", "ScheduleByMonth"),
    ],
)
def test_the_windows_task(tmp_path: Path, schedule: str, days: str) -> None:
    [unit] = unit_files(
        job(tmp_path, schedule), UnitKind.windows, ZoneInfo("Europe/Berlin"), START, [r"C:\Program Files\siplens.exe", "run"]
    )
    task = ET.fromstring(unit.text)
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    assert task.find(f".//{space}{days}") is not None
    assert task.findtext(f".//{space}StartBoundary") == "2026-01-01T06:00:00"
    assert task.findtext(f".//{space}Command") == r"C:\Program Files\siplens.exe"
    assert task.findtext(f".//{space}StartWhenAvailable") == "true"
    assert task.findtext(f".//{space}MultipleInstancesPolicy") == "IgnoreNew"


TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
SEQUENCES = {
    # Elements whose children the schema gives an order (xs:sequence): MS-TSCH 2.5.3.1 and 2.5.3.9.
    "CalendarTrigger": ("Enabled", "StartBoundary", "EndBoundary", "Repetition", "ExecutionTimeLimit", "RandomDelay", "ScheduleBy*"),
    "DaysOfMonth": ("Day",),
}
CHILDREN = {
    # Elements whose children may come in any order, each at most once (xs:all).
    "Task": {"RegistrationInfo", "Triggers", "Settings", "Data", "Principals", "Actions"},
    "RegistrationInfo": {"URI", "SecurityDescriptor", "Source", "Date", "Author", "Version", "Description", "Documentation"},
    "Settings": {
        *("AllowStartOnDemand", "RestartOnFailure", "MultipleInstancesPolicy", "DisallowStartIfOnBatteries", "StopIfGoingOnBatteries"),
        *("AllowHardTerminate", "StartWhenAvailable", "NetworkProfileName", "RunOnlyIfNetworkAvailable", "WakeToRun", "Enabled", "Hidden"),
        *("DeleteExpiredTaskAfter", "IdleSettings", "NetworkSettings", "ExecutionTimeLimit", "Priority", "RunOnlyIfIdle"),
    },
    "Exec": {"Command", "Arguments", "WorkingDirectory"},
    "ScheduleByDay": {"DaysInterval"},
    "ScheduleByWeek": {"WeeksInterval", "DaysOfWeek"},
    "ScheduleByMonth": {"DaysOfMonth", "Months"},
    "DaysOfWeek": {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"},
    "Months": {
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    },
}
TEXTS = {
    "Enabled": "true|false",
    "StartBoundary": r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:00",
    "Day": "[1-9]|[12][0-9]|3[01]|Last",
    "DaysInterval": "1",
    "WeeksInterval": "1",
    "MultipleInstancesPolicy": "Parallel|Queue|IgnoreNew|StopExisting",
    "DisallowStartIfOnBatteries": "true|false",
    "StopIfGoingOnBatteries": "true|false",
    "StartWhenAvailable": "true|false",
    "ExecutionTimeLimit": r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+S)?)?",
    "Command": "(?s).+",
    "Arguments": "(?s).+",
    "WorkingDirectory": "(?s).+",
    "Description": "(?s).+",
    "URI": r"\\siplens\\.+",
}


def check_schema(element: ET.Element) -> None:
    """Holds an element and all below against what the schema of the Task Scheduler says of it."""
    name = element.tag.removeprefix(TASK)
    children = [child.tag.removeprefix(TASK) for child in element]
    if name in SEQUENCES:
        order = SEQUENCES[name]
        places = [order.index("ScheduleBy*" if child.startswith("ScheduleBy") else child) for child in children]
        assert places == sorted(places), f"{name}: {children}"
        assert name == "DaysOfMonth" or len(set(places)) == len(places)
    elif name in CHILDREN:
        assert set(children) <= CHILDREN[name], name
        assert len(set(children)) == len(children), name
    elif name == "Triggers":
        assert set(children) == {"CalendarTrigger"}
        assert len(children) <= 48, "a task has no more triggers"
    elif name == "Actions":
        assert children == ["Exec"]
    else:
        assert not children
        assert re.fullmatch(TEXTS.get(name, ""), element.text or ""), f"{name}: {element.text}"
    for child in element:
        check_schema(child)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu"])
@pytest.mark.parametrize(
    "schedule",
    ["hourly :15", "daily 06:00", "weekdays 23:59", "weekly mon 00:00", "monthly 1 06:00", "monthly 31 06:00", "monthly last 06:00"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_windows_task_is_as_the_schema_has_it(tmp_path: Path, schedule: str, zone: str, encoding: str) -> None:
    [unit] = unit_files(
        job(tmp_path, schedule),
        UnitKind.windows,
        ZoneInfo(zone),
        START,
        [r"C:\R&D <x>\siplens.exe", "run", "it", "--in", 'a "b" c\\'],
    )
    (path := tmp_path / unit.name).write_text(unit.text, encoding=encoding)
    task = ET.fromstring(path.read_bytes())
    assert (task.tag, task.attrib) == (f"{TASK}Task", {"version": "1.2"})
    assert task.find(f"{TASK}Actions") is not None, "all else may be missing"
    check_schema(task)
    assert task.findtext(f".//{TASK}Arguments") == r'run it --in "a \"b\" c\\"', "as Windows programs take a command line apart"


def stand_in(folder: Path, name: str, script: str) -> None:
    """A program of that name, found first: what the machine would do is written down instead."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIPLENS_CONFIG", raising=False)
    return folder


def test_cron_is_installed_once_and_removed(tmp_path: Path, programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "table"
    table.write_text("5 4 * * * backup\n")
    stand_in(programs, "crontab", f'if [ "$1" = -l ]; then cat {table}; else cat > {table}.new && mv {table}.new {table}; fi')
    job(tmp_path, "daily 06:00")
    for _ in range(2):
        assert main(["schedule", "install", "nightly", "--for", "cron", "--machine-zone", "UTC"]) == 0
    assert len(cron_lines(table.read_text())) == 2
    assert table.read_text().startswith("5 4 * * * backup\n# >>> siplens nightly\n")
    assert main(["schedule", "remove", "nightly", "--for", "cron"]) == 0
    assert table.read_text() == "5 4 * * * backup\n"
    assert main(["schedule", "remove", "nightly", "--for", "cron"]) == 2
    assert "has no siplens job nightly" in capsys.readouterr().err


def test_systemd_units_are_written_enabled_and_removed(tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.jobs import install

    monkeypatch.setattr(install, "_is_root", lambda: False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    stand_in(programs, "systemctl", f'echo "$@" >> {tmp_path}/told')
    job(tmp_path, "daily 06:00")
    assert main(["schedule", "install", "nightly", "--for", "systemd"]) == 0
    folder = tmp_path / "config" / "systemd" / "user"
    assert sorted(path.name for path in folder.iterdir()) == ["siplens-nightly.service", "siplens-nightly.timer"]
    assert main(["schedule", "remove", "nightly", "--for", "systemd"]) == 0
    assert list(folder.iterdir()) == []
    told = (tmp_path / "told").read_text().splitlines()
    assert told == [
        "--user daemon-reload",
        "--user enable --now siplens-nightly.timer",
        "--user disable --now siplens-nightly.timer",
        "--user daemon-reload",
    ]


def test_print_explains_and_next_lists(tmp_path: Path, programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job(tmp_path, "daily 06:00")
    assert main(["schedule", "print", "nightly", "--for", "systemd"]) == 0
    printed = capsys.readouterr().out
    assert "OnCalendar=*-*-* 06:00:00 Europe/Berlin" in printed
    assert "makes up for runs that were missed" in printed
    assert main(["schedule", "next", "nightly", "--count", "2", "--after", "2026-03-28T12:00", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "job,due_utc,due_local,period",
        "nightly,2026-03-29 04:00:00,2026-03-29 06:00 CEST,2026-03-28",
        "nightly,2026-03-30 04:00:00,2026-03-30 06:00 CEST,2026-03-29",
    ]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('schedule = "daily"', "siplens.toml:2: [jobs.nightly] schedule: 'daily' names no time"),
        (
            'schedule = "daily 06:00"\ntime_zone = "Europe/Berln"',
            "siplens.toml:3: [jobs.nightly] time_zone: there is no time zone 'Europe/Berln'",
        ),
        ('schedule = "daily 06:00"\ntime_zone = "UTC"\ntell = ["team"]', "siplens.toml:4: [jobs.nightly] tell: there is no [tell.team]"),
        (
            'schedule = "daily 06:00"\ntime_zone = "UTC"\nperiod = "last weak"',
            "[jobs.nightly] period: 'last weak' is not one of last day, last week",
        ),
        (
            'schedule = "daily 06:00"\ntime_zone = "UTC"\nreport = "{when}.html"',
            "[jobs.nightly] report: '{when}.html' holds something else in braces",
        ),
    ],
)
def test_a_mistake_in_a_job_is_one_sentence(
    tmp_path: Path, programs: Path, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    (tmp_path / "siplens.toml").write_text(f"[jobs.nightly]\n{line}\n")
    assert main(["schedule", "next", "nightly"]) == 2
    assert sentence in capsys.readouterr().err
