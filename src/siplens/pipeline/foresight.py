"""What the database will hold when a file's turn comes, as far as it can be foreseen: so much of it decoding depends on.

It may turn out otherwise: a file cannot be read, is known, or takes the place of another. Then `fits` says no, and what was decoded
is thrown away.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from siplens.capture import first_packet_time, new_seam
from siplens.capture.seam import OVERLAP_NS, PAUSE_NS, Seam
from siplens.pipeline.growth import smaller_sizes
from siplens.pipeline.joined import Joint, series_name
from siplens.pipeline.recognise import ReadOptions
from siplens.pipeline.rolled import InOrder
from siplens.pipeline.under_way import UnderWay
from siplens.store import Store

_REMEMBERED = 8
"""So many captures decoded last may not be written yet."""
_KNOWN = "select sha256 from source where list_contains(?, size_bytes)"
_ENDS = (Path(__file__).with_name("sql") / "last_ends.sql").read_text(encoding="utf-8")


class _End(NamedTuple):
    """The end of a capture that another may go on from. Times in ns since 1970."""

    last_ns: int
    first_ns: int
    path: str
    state: bytes


@dataclass(slots=True)
class Turn:
    """A file that is to be decoded."""

    found: InOrder
    under_way: UnderWay
    series: str
    first_ns: int | None
    """Time of its first packet, in ns since 1970; None where it is no capture."""
    earlier: tuple[Turn, ...]
    """The captures of its series that may not be written yet."""
    seam: Seam | None = None
    """Where it is joined to others, once that is known."""


class Foresight:
    """Knows of the database what it held before the first of these files, and of these files what was decoded since.

    Nothing is asked later: a question from another thread would hinder who writes.
    """

    def __init__(self, store: Store, options: ReadOptions, files: Sequence[InOrder], sizes: Sequence[int]) -> None:
        self._options = options
        self._seen = {sha256 for (sha256,) in store.query(_KNOWN, [list(sizes)]).rows}
        self._common_sizes = {size for size, times in Counter([*sizes, *smaller_sizes(store)]).items() if times > 1}
        ends = store.query(_ENDS, {"series": list({series_name(found.file.shown) for found in files})}).rows
        self._ends = {series: _End(*rest) for series, *rest in ends}
        self._turns: deque[Turn] = deque(maxlen=_REMEMBERED)

    def turn(self, found: InOrder, under_way: UnderWay) -> Turn:
        """The file whose turn comes after those that this was asked of before."""
        first, series = first_packet_time(found.file.path), series_name(found.file.shown)
        earlier = () if first is None else tuple(turn for turn in self._turns if turn.series == series and turn.first_ns is not None)
        self._turns.append(turn := Turn(found, under_way, series, None if first is None else int(first * 1e9), earlier))
        return turn

    def begin(self, turn: Turn) -> bool:
        """Begins to decode a file as it will be when its turn comes; False where its bytes are known, or it is under way already.

        Waits until those before it are decoded to which it may be joined.
        """
        earlier, turn.earlier = turn.earlier, ()  # each would keep all before it
        if turn.under_way.recognised or self._is_known(turn.under_way):
            turn.seam = turn.under_way.seam
            return False
        found = turn.found
        before, after = found.before.path if found.before else None, tuple(later.path for later in found.after)
        turn.seam = self._seam(turn, earlier)
        turn.under_way.begin(self._options, turn.seam, before=before, after=after, log=found.log)
        return True

    def _is_known(self, under_way: UnderWay) -> bool:
        """Only a file that shares its size with another may be the same: its hash is waited for."""
        if under_way.size not in self._common_sizes:
            return False
        sha256 = under_way.digest.result().sha256
        known = sha256 in self._seen
        self._seen.add(sha256)
        return known

    def _seam(self, turn: Turn, earlier: Sequence[Turn]) -> Seam:
        """Where a capture will be joined to the one before it, which may not be written yet."""
        if turn.first_ns is None or self._options.wireshark:
            return new_seam()
        ends = [self._ends[turn.series]] if turn.series in self._ends else []
        for other in earlier:
            if other.first_ns is not None and other.first_ns < turn.first_ns:
                other.under_way.decoded.wait()
                if other.seam and (end := other.seam.end):
                    ends.append(_End(end.last_ns, other.first_ns, other.found.file.shown, end.state))
        before = [
            end
            for end in ends
            if end.first_ns < turn.first_ns
            and end.path != turn.found.file.shown
            and turn.first_ns - PAUSE_NS <= end.last_ns <= turn.first_ns + OVERLAP_NS
        ]
        return new_seam(max(before).state) if before else new_seam()


def fits(under_way: UnderWay, found: InOrder, joint: Joint) -> bool:
    """Whether a file was decoded as it has to be, now that its turn has come."""
    if under_way.recognised is None:
        return False
    if under_way.recognised.kind == "log":
        return under_way.beside == (found.before.path if found.before else None, tuple(later.path for later in found.after))
    before = joint.seam.before if joint.seam else None
    return under_way.seam is not None and under_way.seam.before == before
