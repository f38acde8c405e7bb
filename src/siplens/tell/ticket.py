"""Writes a ticket file: JSON for a program that opens tickets, or Markdown to paste into one."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from siplens.tell.cards import generic
from siplens.tell.destination import Destination
from siplens.tell.message import Message
from siplens.tell.retry import TransientError


def write(destination: Destination, message: Message, date: str) -> str:
    """Writes the file whole or not at all, never over another one; returns what was done. Raises TransientError: disk full, share gone."""
    path = _free(destination.path, message, date)
    text = json.dumps(generic(message), indent=2) + "\n" if path.suffix == ".json" else message.summary
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise TransientError(f"{path}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return f"{destination.name}: {path}"


def _free(pattern: str, message: Message, date: str) -> Path:
    """The first path of the pattern that is not taken: a ticket that waits to be picked up is not written over."""
    numbered = "{number" in pattern
    for number in range(1, 100_000):
        path = Path(pattern.format(job=message.job, period=message.period, date=date, number=number))
        if not numbered and number > 1:
            path = path.with_name(f"{path.stem}-{number}{path.suffix}")
        if not path.exists():
            return path
    raise TransientError(f"{pattern}: the folder is full of tickets that nobody takes")
