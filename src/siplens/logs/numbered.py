"""Records that one sender numbered, put back in order where the way from it to the log exchanged them (syslog over UDP)."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import NamedTuple

from siplens.logs.blocks import Record

WAIT = 64
"""Records that may overtake one. Reading a file costs no patience: all are held so long."""
_MOST_CHARACTERS = 1 << 20
_RESTART = 1000
"""A number so far below the others is no late one: the sender began to count anew."""
_GAPS_KEPT = 256


class Numbered(NamedTuple):
    """A record and its number."""

    number: int
    line: int
    record: Record


class Gap(NamedTuple):
    """Numbers that did not come."""

    first: int
    last: int
    line: int
    """Line of the record after them."""


class Sequence:
    """The records of one sender. What `put` and `rest` return comes in the order of its numbers."""

    def __init__(self) -> None:
        self._held: list[Numbered] = []
        self._characters = 0
        self._highest: int | None = None
        self._last: int | None = None
        self._gaps: deque[Gap] = deque(maxlen=_GAPS_KEPT)
        self.missing = 0
        """Numbers that did not come."""
        self.first_gap: Gap | None = None
        self.repeated = 0
        """Records that came twice; the second ones are left out."""
        self.out_of_order = 0
        """Records that came after one with a higher number."""

    def near(self, number: int) -> bool:
        """Whether a record of unknown origin may be of this sender, by its number."""
        return self._highest is not None and abs(number - self._highest) <= WAIT

    def put(self, number: int, record: Record) -> list[Record]:
        """Takes the next record of the file; returns those whose turn has come."""
        done = []
        if self._highest is not None and number < self._highest - _RESTART:
            done = self.rest()
            self._highest = self._last = None
        if any(held.number == number and held.record.text == record.text for held in self._held):
            self.repeated += 1
            return done
        if self._highest is not None and number < self._highest:
            self.out_of_order += 1
        self._highest = number if self._highest is None else max(self._highest, number)
        heappush(self._held, Numbered(number, record.line, record))
        self._characters += len(record.text)
        while len(self._held) > WAIT or self._characters > _MOST_CHARACTERS:
            done.append(self._first())
        return done

    def rest(self) -> list[Record]:
        """All that are still held."""
        return [self._first() for _ in range(len(self._held))]

    def _first(self) -> Record:
        number, line, record = heappop(self._held)
        self._characters -= len(record.text)
        if self._last is not None and number > self._last + 1:
            gap = Gap(self._last + 1, number - 1, line)
            self._gaps.append(gap)
            self.first_gap = self.first_gap or gap
            self.missing += number - self._last - 1
        elif self._last is not None and number < self._last:
            self._came_late(number)
        self._last = number if self._last is None else max(self._last, number)
        return record

    def _came_late(self, number: int) -> None:
        """Later than others were waited for; its number is missing no longer."""
        for place, gap in enumerate(self._gaps):
            if gap.first <= number <= gap.last:
                parts = [part for part in (gap._replace(last=number - 1), gap._replace(first=number + 1)) if part.first <= part.last]
                if gap == self.first_gap:
                    self.first_gap = parts[0] if parts else next(iter([*self._gaps][place + 1 :]), None)
                del self._gaps[place]
                for part in reversed(parts):
                    self._gaps.insert(place, part)
                self.missing -= 1
                return
