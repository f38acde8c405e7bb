"""Reads a log of any known format: cuts it into records and lets the format's module turn each into rows."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, tzinfo
from functools import cache
from importlib import import_module
from itertools import islice, zip_longest
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, Protocol

from siplens.errors import ConfigurationError, UnreadableFileError
from siplens.logs.blocks import Block, Record, blocks, last_text, records, text_before
from siplens.logs.clock import Clock
from siplens.logs.formats import Format, find_format
from siplens.logs.rows import Rows
from siplens.records import Batch

_FIRST_RECORDS = 200
_LAST_BYTES = 1 << 18


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


class BlockDialect(Dialect, Protocol):
    """A dialect of long logs: it takes many records at once."""

    cuts: re.Pattern[str]
    """What begins matches, with the line feed before it (see `blocks`)."""

    def take_block(self, block: Block, rows: Rows) -> None:
        """Adds the rows of the block's records, as `take` would one by one."""


class Rolled(NamedTuple):
    """The neighbours of a file in a log that was rolled over: the file before it, and those after it up to one in which a record begins."""

    before: Path | None = None
    after: tuple[Path, ...] = ()


def read_log(
    path: Path,
    format_name: str,
    *,
    zone: tzinfo | None,
    date_order: str | None,
    folders: tuple[Path, ...],
    rolled: Rolled,
    size: int | None,
    progress: Callable[[int], None] | None,
) -> Iterator[Batch]:
    """See `siplens.logs.read_log`."""
    format_, clock, dialect = _opened(path, format_name, zone, date_order, folders)
    rows = Rows(format_.name, format_.status)
    # A record that the roll-over cut belongs to the file where it begins.
    rest = (lambda after=rolled.after: text_before(after, dialect.begins)) if rolled.after else None
    take_block = getattr(dialect, "take_block", None)
    begins_none = rolled.before is not None
    for number, block in enumerate(blocks(path, dialect.begins, progress, cuts=getattr(dialect, "cuts", None), rest=rest, size=size)):
        if number == 0 and rolled.before:
            block = block.without_what_was_before()
        if not block.heads:
            continue
        begins_none = False
        if take_block:
            take_block(block, rows)
        else:
            for record in block.records():
                dialect.take(record, rows)
        if rows.is_full:
            yield from rows.batches()
    dialect.finish(rows)
    if begins_none:
        rows.health(
            "log_tail_only", 1, "no record begins in this file: all of it was read with the file of the rolled log written before it"
        )
    _tell_what_was_supplied(rows, clock, format_, zone)
    yield from rows.batches()
    yield rows.source(format_name, dialect.status())


def time_span(path: Path, format_name: str, *, folders: tuple[Path, ...]) -> tuple[datetime | None, datetime | None]:
    """See `siplens.logs.time_span`. Tells which file of a rolled log is older, and which follows which."""
    first, _ = _times(
        islice(records(path, _opened(path, format_name, None, None, folders)[2].begins), _FIRST_RECORDS), path, format_name, folders
    )
    return first, _times(_last_records(path, format_name, folders), path, format_name, folders)[1]


def text_before_first(paths: Sequence[Path], format_name: str, *, folders: tuple[Path, ...]) -> str:
    """See `siplens.logs.text_before`."""
    return text_before(paths, _opened(paths[0], format_name, None, None, folders)[2].begins)


def _last_records(path: Path, format_name: str, folders: tuple[Path, ...]) -> Iterator[Record]:
    begins = _opened(path, format_name, None, None, folders)[2].begins
    text = last_text(path, _LAST_BYTES)
    heads = list(begins.finditer(text))
    for head, following in zip_longest(heads, heads[1:]):
        yield Record(text[head.start() : following.start() if following else len(text)], head, 1, None, False)


def _times(found: Iterable[Record], path: Path, format_name: str, folders: tuple[Path, ...]) -> tuple[datetime | None, datetime | None]:
    dialect = _opened(path, format_name, None, None, folders)[2]
    rows = Rows(format_name, "")
    for record in found:
        dialect.take(record, rows)
    dialect.finish(rows)
    return rows.times()


def _opened(
    path: Path, format_name: str, zone: tzinfo | None, date_order: str | None, folders: tuple[Path, ...]
) -> tuple[Format, Clock, Dialect]:
    format_ = find_format(format_name, folders)
    if format_ is None:
        raise UnreadableFileError(f"{path}: there is no log format {format_name}", hint="'siplens doctor' lists the formats")
    changed = date.fromtimestamp(path.stat().st_mtime)
    clock = Clock(zone or UTC, date_order or format_.date_order, changed)
    clock.zone_is_told = zone is not None
    dialect: Dialect = _module(format_).Dialect(Options(format_, clock))
    return format_, clock, dialect


def _tell_what_was_supplied(rows: Rows, clock: Clock, format_: Format, zone: tzinfo | None) -> None:
    if "date" in clock.supplied:
        rows.health("log_date_supplied", rows.records, "this log writes times without dates: the day of the file's last change was taken")
    if "year" in clock.supplied:
        rows.health("log_year_supplied", rows.records, "this log writes dates without years: the year follows from the file's last change")
    if "zone" in clock.supplied and zone is None and format_.zone == "local":
        words = "this log writes the local time of its machine and names no zone: read as UTC; give --log-tz if that is wrong"
        rows.health("log_zone_supplied", rows.records, words)


def _module(format_: Format) -> ModuleType:
    if format_.module is None:
        return import_module(f"siplens.logs.dialects.{format_.name.replace('-', '_')}")
    return _users_module(format_.module)


@cache
def _users_module(path: Path) -> ModuleType:
    name = f"siplens_users_format_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ConfigurationError(f"{path}: is no Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigurationError(f"{path}: cannot be loaded: {type(error).__name__}: {error}") from error
    if not hasattr(module, "Dialect"):
        raise ConfigurationError(f"{path}: has no class Dialect", hint="subclass siplens.logs.traced.Traced")
    return module
