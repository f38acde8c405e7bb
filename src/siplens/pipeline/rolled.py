"""Files of one log that was rolled over, or of one ring of captures: which belong together, and in which order they were written."""

from __future__ import annotations

import math
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path, PurePath

from siplens import logs
from siplens.capture import first_packet_time
from siplens.pipeline.recognise import ReadOptions, log_format
from siplens.pipeline.tails import tails_of, with_tails
from siplens.pipeline.unpack import FoundFile

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_NUMBER = re.compile(r"[._ -]?\d+")
_MOST_BESIDE = 40
_GAP = timedelta(minutes=10)
_BACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class InOrder:
    """A file, and the files of the same log that were written just before and just after it."""

    file: FoundFile
    before: FoundFile | None = None
    after: tuple[FoundFile, ...] = ()
    """Of logs: as many as it takes until one in which a record begins."""
    log: str | None = None
    """The log's format, where the file does not tell it itself: no record begins in it."""
    goes_on_from: InOrder | None = None
    """Of logs: the latest file before this one in which a record begins. It holds what this one begins with."""


def in_order(files: Iterable[FoundFile], options: ReadOptions) -> list[InOrder]:
    """All files; those of one rolled log or of one ring of captures stand together, oldest first, where the first of them was found.

    A ring's files are ordered by their first packets: its names begin anew when it goes round, or count without leading zeros.
    The neighbours of a log may be files that are not among these, but lie beside them.
    """
    listed = list(files)
    groups: dict[tuple[str, str], list[FoundFile]] = defaultdict(list)
    for file in listed:
        groups[series(PurePath(file.shown))].append(file)
    done: set[tuple[str, str]] = set()
    beside = _Beside()
    ordered: list[InOrder] = []
    for file in listed:
        key = series(PurePath(file.shown))
        if key in done:
            continue
        done.add(key)
        others = [] if all(map(_is_capture, groups[key])) else beside.these(groups[key])
        if len(groups[key]) + len(others) == 1:
            ordered.append(InOrder(file))
        else:
            ordered += [found for found in _rolled(groups[key] + others, options) if found.file not in others]
    return ordered


def series(path: PurePath) -> tuple[str, str]:
    """Folder, and name without numbers: mediation.log, mediation.log.1 and mediation.log.2.gz are one log."""
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return str(path.parent), _NUMBER.sub("", name)


class _Beside:
    """Files of the same series that lie in the same folder. Each folder is listed once."""

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, list[Path]]] = {}

    def these(self, files: Sequence[FoundFile]) -> list[FoundFile]:
        """Those that are not among the files themselves; of very many, those written at about the same time."""
        here = {file.path for file in files}
        found: list[Path] = []
        for folder in {file.path.parent for file in files if str(file.path) == file.shown}:
            found += self._listed(folder).get(series(files[0].path)[1], [])
        others = [path for path in found if path not in here]
        if len(others) > _MOST_BESIDE:
            around = [path.stat().st_mtime for path in here]
            others.sort(key=lambda path: min(abs(path.stat().st_mtime - moment) for moment in around))
        return [FoundFile(path, str(path), False) for path in others[:_MOST_BESIDE]]

    def _listed(self, folder: Path) -> dict[str, list[Path]]:
        if folder not in self._folders:
            names = self._folders[folder] = defaultdict(list)
            with suppress(OSError):
                for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
                    if entry.is_file() and not entry.name.startswith(".") and entry.stat().st_size:
                        names[series(PurePath(entry.name))[1]].append(folder / entry.name)
        return self._folders[folder]


def _rolled(files: Sequence[FoundFile], options: ReadOptions) -> list[InOrder]:
    # A capture is told at once; to find out that it is no log takes milliseconds.
    named = {file.shown: None if _is_capture(file) else _format(file.path, options) for file in files}
    tails, log = tails_of(files, named, options)
    logs_only = [file for file in files if named[file.shown] and file not in tails]
    others = [InOrder(file) for file in sorted((file for file in files if not named[file.shown] and file not in tails), key=_captured)]
    spans = {file.shown: _span(file.path, named[file.shown] or "", options) for file in logs_only}

    def begins(file: FoundFile) -> tuple[bool, datetime, list[tuple[int, str]]]:
        first = spans[file.shown][0]
        return first is None, first or datetime.min, _natural(file.shown)

    chain = with_tails(sorted(logs_only, key=begins), tails)
    joined = []
    latest: FoundFile | None = None
    """The latest file so far in which records begin."""
    for file in chain:
        is_tail = file.shown not in spans
        goes_on = latest is not None and (is_tail or _goes_on(latest, file, named, spans))
        joined.append(goes_on)
        latest = latest if is_tail else file
    ordered: list[InOrder] = []
    owner: InOrder | None = None
    for place, file in enumerate(chain):
        after = []
        for later in range(place + 1, len(chain)):
            if not joined[later]:
                break
            after.append(chain[later])
            if chain[later].shown in spans:
                break
        before = chain[place - 1] if joined[place] else None
        found = InOrder(file, before, tuple(after), None if file.shown in spans else log, owner if before else None)
        ordered.append(found)
        owner = found if file.shown in spans else owner
    return ordered + others


def _format(path: Path, options: ReadOptions) -> str | None:
    return _format_of(path, *_looks(path), options)


def _span(path: Path, format_name: str, options: ReadOptions) -> tuple[datetime | None, datetime | None]:
    return _span_of(path, *_looks(path), format_name, options.formats)


def _looks(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


# Whoever watches a folder asks for the neighbours of each file anew: what did not change meanwhile is not read again.
@lru_cache(maxsize=1024)
def _format_of(path: Path, _size: int, _modified_ns: int, options: ReadOptions) -> str | None:
    return log_format(path, options)


@lru_cache(maxsize=1024)
def _span_of(
    path: Path, _size: int, _modified_ns: int, format_name: str, folders: tuple[Path, ...]
) -> tuple[datetime | None, datetime | None]:
    return logs.time_span(path, format_name, folders=folders)


def _is_capture(file: FoundFile) -> bool:
    return first_packet_time(file.path) is not None


def _captured(file: FoundFile) -> tuple[float, list[tuple[int, str]]]:
    time = first_packet_time(file.path)
    return math.inf if time is None else time, _natural(file.shown)


def _goes_on(
    earlier: FoundFile, later: FoundFile, named: dict[str, str | None], spans: dict[str, tuple[datetime | None, datetime | None]]
) -> bool:
    return named[earlier.shown] == named[later.shown] and _follows(spans[earlier.shown], spans[later.shown])


def _follows(earlier: tuple[datetime | None, datetime | None], later: tuple[datetime | None, datetime | None]) -> bool:
    """Whether the later file goes on where the earlier ends: logs of two machines overlap, or lie far apart."""
    last, first = earlier[1], later[0]
    return last is not None and first is not None and last - _BACK <= first <= last + _GAP


def _natural(text: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]
