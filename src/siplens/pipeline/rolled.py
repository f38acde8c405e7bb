"""Files of one log that was rolled over, or of one ring of captures: which belong together, and in which order they were written."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import PurePath
from typing import TYPE_CHECKING

from siplens import logs
from siplens.capture import first_packet_time, new_ring
from siplens.pipeline.recognise import ReadOptions, log_format
from siplens.pipeline.tails import tails_of, with_tails
from siplens.pipeline.unpack import FoundFile

if TYPE_CHECKING:
    from siplens.capture.ring import Ring

_PACKED = (".gz", ".bz2", ".xz", ".zst")
_NUMBER = re.compile(r"[._ -]?\d+")
_GAP = timedelta(minutes=10)
_BACK = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class InOrder:
    """A file, and the files of the same log that were written just before and just after it."""

    file: FoundFile
    before: FoundFile | None = None
    after: tuple[FoundFile, ...] = ()
    """Of logs: as many as it takes until one in which a record begins."""
    ring: Ring | None = None
    """Of captures: what goes over from one file to the next."""
    log: str | None = None
    """The log's format, where the file does not tell it itself: no record begins in it."""


def in_order(files: Iterable[FoundFile], options: ReadOptions) -> list[InOrder]:
    """All files; those of one rolled log or of one ring of captures stand together, oldest first, where the first of them was found.

    A ring's files are ordered by their first packets: its names begin anew when it goes round, or count without leading zeros.
    """
    listed = list(files)
    groups: dict[tuple[str, str], list[FoundFile]] = defaultdict(list)
    for file in listed:
        groups[_key(file)].append(file)
    done: set[tuple[str, str]] = set()
    ordered: list[InOrder] = []
    for file in listed:
        key = _key(file)
        if len(groups[key]) == 1:
            ordered.append(InOrder(file))
        elif key not in done:
            ordered += _rolled(groups[key], options)
            done.add(key)
    return ordered


def _key(file: FoundFile) -> tuple[str, str]:
    """Folder, and name without numbers: mediation.log, mediation.log.1 and mediation.log.2.gz are one log."""
    path = PurePath(file.shown)
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return str(path.parent), _NUMBER.sub("", name)


def _rolled(files: Sequence[FoundFile], options: ReadOptions) -> list[InOrder]:
    # A capture is told at once; to find out that it is no log takes milliseconds.
    named = {file.shown: None if _is_capture(file) else log_format(file.path, options) for file in files}
    tails, log = tails_of(files, named, options)
    logs_only = [file for file in files if named[file.shown] and file not in tails]
    others = _in_a_ring(sorted((file for file in files if not named[file.shown] and file not in tails), key=_captured))
    spans = {file.shown: logs.time_span(file.path, named[file.shown] or "", folders=options.formats) for file in logs_only}

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
    ordered = []
    for place, file in enumerate(chain):
        after = []
        for later in range(place + 1, len(chain)):
            if not joined[later]:
                break
            after.append(chain[later])
            if chain[later].shown in spans:
                break
        before = chain[place - 1] if joined[place] else None
        ordered.append(InOrder(file, before, tuple(after), log=None if file.shown in spans else log))
    return ordered + others


def _in_a_ring(files: Sequence[FoundFile]) -> list[InOrder]:
    ring = new_ring() if len(files) > 1 else None
    return [InOrder(file, None, (after,) if after else (), ring) for file, after in zip_longest(files, files[1:])]


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
