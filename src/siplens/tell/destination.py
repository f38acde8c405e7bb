"""A destination as [tell.NAME] in siplens.toml describes it. Secrets are named there, never written there or on a command line."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from siplens.errors import ConfigurationError
from siplens.settings import Settings, Table

KINDS = ("webhook", "teams", "slack", "email", "ticket")


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is: a variable of the environment, or a file. It is read when it is needed, and never shown."""

    variable: str | None
    file: Path | None
    where: str
    """The key in siplens.toml that names it, for errors."""

    def read(self) -> str:
        """The secret. Raises ConfigurationError where it is not to be found."""
        if self.variable is not None:
            value = os.environ.get(self.variable, "")
            if not value:
                raise ConfigurationError(f"{self.where}: the environment has no {self.variable}", "set it where the job is started")
            return value
        assert self.file is not None
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{self.where}: {self.file} cannot be read", "the file holds the secret and nothing else") from error


@dataclass(frozen=True, slots=True)
class Destination:
    """Whom to tell, and how. Which fields are used depends on the kind."""

    name: str
    kind: str
    everything: bool
    """Tell standing findings too, and also when nothing is new."""
    attempts: int
    """How often it is tried at most, with growing pauses."""
    timeout_s: float
    url: str | Secret | None = None
    token: Secret | None = None
    """Sent as Authorization: Bearer."""
    host: str = ""
    port: int = 0
    tls: str = "starttls"
    user: str | None = None
    password: Secret | None = None
    sender: str = ""
    to: tuple[str, ...] = ()
    attach: bool = True
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)


def read_destination(settings: Settings, name: str) -> Destination:
    """The destination of that name. Raises ConfigurationError with file, line and key."""
    table = settings.named("tell", name)
    kind = table.choice("kind", KINDS)
    everything = table.take("everything", bool, False)
    attempts = table.take("attempts", int, 5)
    timeout_s = table.take("timeout_s", float, 20.0)
    if attempts < 1:
        raise table.fault("attempts", "must be 1 or more")
    made = _READERS[kind](table, settings.path.resolve().parent)
    table.done()
    return Destination(name, kind, everything, attempts, timeout_s, **made)  # type: ignore[arg-type]


def _read_hook(table: Table, folder: Path) -> dict[str, object]:
    url: str | Secret | None = _secret(table, "url", folder)
    if url is None:
        url = table.take("url", str)
        if not url.startswith(("https://", "http://")):
            raise table.fault("url", f"{url!r} is not a web address", "it begins with https://")
    return {"url": url, "token": _secret(table, "token", folder)}


def _read_mail(table: Table, folder: Path) -> dict[str, object]:
    tls = table.choice("tls", ("starttls", "tls", "none"), "starttls")
    return {
        "host": table.take("host", str),
        "port": table.take("port", int, {"starttls": 587, "tls": 465, "none": 25}[tls]),
        "tls": tls,
        "user": table.take("user", str) if table.has("user") else None,
        "password": _secret(table, "password", folder),
        "sender": table.take("from", str),
        "to": tuple(table.texts("to")),
        "attach": table.take("attach", bool, True),
    }


def _read_ticket(table: Table, folder: Path) -> dict[str, object]:
    path = table.take("path", str)
    try:
        path.format(job="", period="", date="", number=1)
    except (KeyError, IndexError, ValueError) as error:
        raise table.fault("path", f"{path!r} holds something else in braces", "known are {job}, {period}, {date}, {number}") from error
    if not path.endswith((".json", ".md")):
        raise table.fault("path", f"{path!r} names no form", "it ends in .json or .md")
    return {"path": str(folder / path)}


def _secret(table: Table, key: str, folder: Path) -> Secret | None:
    """`key_env` or `key_file`; a secret written out under `key` itself is refused, except for addresses."""
    if table.has(f"{key}_env"):
        return Secret(table.take(f"{key}_env", str), None, f"{table.path}: [{table.name}] {key}_env")
    if table.has(f"{key}_file"):
        return Secret(None, folder / table.take(f"{key}_file", str), f"{table.path}: [{table.name}] {key}_file")
    if key != "url" and key in table.values:
        raise table.fault(
            key, "is a secret and does not belong into this file", f"name a variable with {key}_env, or a file with {key}_file"
        )
    return None


_READERS = {"webhook": _read_hook, "teams": _read_hook, "slack": _read_hook, "email": _read_mail, "ticket": _read_ticket}
