"""Reads a log of any known format: cuts it into records and lets the format's module turn each into rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import tzinfo
from importlib import import_module
from pathlib import Path
from typing import NamedTuple, Protocol

from siplens.errors import UnreadableFileError
from siplens.logs.blocks import Record, records
from siplens.logs.clock import Clock
from siplens.logs.formats import Format, formats
from siplens.logs.rows import Rows
from siplens.records import Batch


class Options(NamedTuple):
    """What a format's module is given besides its grammar."""

    format: Format
    clock: Clock


class Dialect(Protocol):
    """What a format's module has to offer, under the name `Dialect`."""

    begins: re.Pattern[str]
    """Where each record begins."""

    def __init__(self, options: Options) -> None: ...

    def take(self, record: Record, rows: Rows) -> None:
        """Adds the rows of one record."""

    def finish(self, rows: Rows) -> None:
        """Adds what was held back."""

    def status(self) -> str:
        """verified, partly or unconfirmed: how well the shapes met so far are known."""


def read_log(path: Path, format_name: str, *, zone: tzinfo, date_order: str, progress: Callable[[int], None] | None) -> Iterator[Batch]:
    """See `siplens.logs.read_log`."""
    format_ = next((known for known in formats() if known.name == format_name), None)
    if format_ is None:
        raise UnreadableFileError(f"{path}: there is no log format {format_name}", hint="'siplens doctor' lists the formats")
    module = import_module(f"siplens.logs.{format_name.replace('-', '_')}")
    dialect: Dialect = module.Dialect(Options(format_, Clock(zone, date_order)))
    rows = Rows()
    for record in records(path, dialect.begins, progress):
        dialect.take(record, rows)
        if rows.is_full:
            yield from rows.batches()
    dialect.finish(rows)
    yield from rows.batches()
    yield rows.source(format_name, dialect.status())
