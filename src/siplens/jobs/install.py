"""Puts a job's unit where the machine finds it, and takes it away again."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from siplens.errors import SiplensError
from siplens.jobs.unit import UnitFile, UnitKind
from siplens.scratch import scratch_folder


def install(name: str, kind: UnitKind, files: Sequence[UnitFile]) -> list[str]:
    """Installs a unit in place of one of the same name; says what was done. Raises SiplensError where the machine refuses."""
    if kind is UnitKind.cron:
        _write_crontab(_without(_crontab(), name) + _marked(name, files[0].text))
        return [f"added to the crontab of {_user()}: see 'crontab -l'"]
    if kind is UnitKind.systemd:
        folder = _unit_folder()
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            (folder / file.name).write_text(file.text, encoding="utf-8")
        _systemctl("daemon-reload")
        _systemctl("enable", "--now", f"siplens-{name}.timer")
        return [f"{folder / file.name}: written" for file in files] + [f"siplens-{name}.timer: enabled and started"]
    with scratch_folder() as folder:
        path = folder / files[0].name
        path.write_text(files[0].text, encoding="utf-16")
        _run(["schtasks", "/Create", "/F", "/TN", rf"siplens\{name}", "/XML", str(path)])
    return [
        rf"task siplens\{name}: created; it starts only while you are logged on",
        rf"to start it always: schtasks /Change /TN siplens\{name} /RU USER /RP *",
    ]


def remove(name: str, kind: UnitKind) -> list[str]:
    """Takes a job's unit away; says what was done. Raises SiplensError where there is none."""
    if kind is UnitKind.cron:
        before = _crontab()
        after = _without(before, name)
        if after == before:
            raise SiplensError(f"the crontab of {_user()} has no siplens job {name}")
        _write_crontab(after)
        return [f"taken out of the crontab of {_user()}"]
    if kind is UnitKind.systemd:
        files = [_unit_folder() / f"siplens-{name}.{ending}" for ending in ("timer", "service")]
        if not any(path.exists() for path in files):
            raise SiplensError(f"{files[0]}: there is no such unit")
        _systemctl("disable", "--now", f"siplens-{name}.timer")
        for path in files:
            path.unlink(missing_ok=True)
        _systemctl("daemon-reload")
        return [f"{path}: removed" for path in files]
    _run(["schtasks", "/Delete", "/F", "/TN", rf"siplens\{name}"])
    return [rf"task siplens\{name}: removed"]


def _marked(name: str, text: str) -> str:
    return f"# >>> siplens {name}\n{text}# <<< siplens {name}\n"


def _without(crontab: str, name: str) -> str:
    return re.sub(rf"^# >>> siplens {re.escape(name)}\n.*?^# <<< siplens {re.escape(name)}\n", "", crontab, flags=re.MULTILINE | re.DOTALL)


def _crontab() -> str:
    """The user's crontab; empty where there is none yet."""
    done = _start(["crontab", "-l"])
    return done.stdout if done.returncode == 0 else ""


def _write_crontab(text: str) -> None:
    _run(["crontab", "-"], text)


def _unit_folder() -> Path:
    """Where systemd looks for units: the machine's for root, else the user's own."""
    if _is_root():
        return Path("/etc/systemd/system")
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"


def _systemctl(*arguments: str) -> None:
    _run(["systemctl", *([] if _is_root() else ["--user"]), *arguments])


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _user() -> str:
    import getpass

    return getpass.getuser()


def _run(argv: Sequence[str], given: str | None = None) -> None:
    done = _start(argv, given)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().partition("\n")[0]
        raise SiplensError(f"{' '.join(argv)}: {words or f'exit status {done.returncode}'}")


def _start(argv: Sequence[str], given: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(argv, input=given, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError as error:
        raise SiplensError(
            f"{argv[0]} is not installed here", hint="choose another with --for, or print the unit and install it by hand"
        ) from error
