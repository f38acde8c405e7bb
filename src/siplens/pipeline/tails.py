"""Files of a rolled log in which no record begins: all they hold belongs to a record of the file written before them.

Such a file tells neither its format nor its time. Its name says to which log it belongs, and when it was written among the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from siplens import logs
from siplens.logs.blocks import LONGEST
from siplens.pipeline.recognise import HEAD_BYTES, ReadOptions
from siplens.pipeline.unpack import FoundFile

_NO_LOG_OF_A_MACHINE = ("sip_text", "ms_diagnostics")
"""Formats that a part of any log may look like."""
_DIGITS = re.compile(r"\d+")
_PACKED = re.compile(r"\.(?:gz|bz2|xz)$")


def tails_of(files: Sequence[FoundFile], named: dict[str, str | None], options: ReadOptions) -> tuple[list[FoundFile], str | None]:
    """Of files with names alike those in which no record begins, and the format that the others have: nothing, if they differ in it."""
    formats = {name for name in named.values() if name and name not in _NO_LOG_OF_A_MACHINE}
    if len(formats) != 1:
        return [], None
    log = next(iter(formats))
    return [file for file in files if named[file.shown] != log and _may_be_a_tail(file)], log


def _may_be_a_tail(file: FoundFile) -> bool:
    if file.error or file.path.stat().st_size > LONGEST:
        return False
    head = logs.first_bytes(file.path, HEAD_BYTES)
    return bool(head) and logs.is_text(head)


def with_tails(chain: Sequence[FoundFile], tails: Sequence[FoundFile]) -> list[FoundFile]:
    """The files in the order in which they were written, chain being those that tell it; without the tails where names do not say it."""
    newest_first = _counts_back(chain, tails) if tails else None
    if newest_first is None:
        return list(chain)
    return sorted([*chain, *tails], key=_numbers, reverse=newest_first)


def _counts_back(chain: Sequence[FoundFile], tails: Sequence[FoundFile]) -> bool | None:
    """Whether a higher number means an older file, as in log, log.1, log.2; None where the numbers follow no order."""
    numbers = [_numbers(file) for file in chain]
    if len(chain) > 1:
        return True if numbers == sorted(numbers, reverse=True) else False if numbers == sorted(numbers) else None
    names = [_PACKED.sub("", PurePath(file.shown).name.lower()) for file in (*chain, *tails)]
    fewest = min(len(_DIGITS.findall(name)) for name in names)
    return any(len(_DIGITS.findall(name)) > fewest for name in names) or any(re.search(r"\.\d{1,4}$", name) for name in names)


def _numbers(file: FoundFile) -> list[int]:
    name = _PACKED.sub("", PurePath(file.shown).name)
    return [int(number) for number in _DIGITS.findall(name)]
