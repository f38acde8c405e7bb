"""Rows for the explorer's own pages: filter choices, findings a page at a time, days, messages as text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from siplens.report.fetch import Row
from siplens.store import Store

_FOLDER = Path(__file__).with_name("sql")
FINDINGS_ROWS = 50


@dataclass(frozen=True, slots=True)
class FindingsPage:
    """Findings of one page, and how many there are."""

    total: int
    number: int
    findings: list[Row]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // FINDINGS_ROWS))


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _rows(store: Store, name: str, **params: object) -> list[Row]:
    columns, rows = store.query(_text(name), params or None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


class Choices:
    """Values that the filters offer, with the calls of each: counted once for each state of the database file."""

    def __init__(self) -> None:
        self._kept: tuple[tuple[int, int], list[Row]] | None = None

    def of(self, store: Store) -> list[Row]:
        """Rows of sql/choices.sql. Readers of one state of the file see the same, whoever counted."""
        if store.path is None:
            return _rows(store, "choices")
        file = store.path.stat()
        state = (file.st_mtime_ns, file.st_size)
        kept = self._kept
        if kept is None or kept[0] != state:
            kept = self._kept = (state, _rows(store, "choices"))
        return kept[1]


def call_texts(store: Store, call_no: int) -> list[Row]:
    """The messages of one call as they were read."""
    return _rows(store, "call_texts", call_no=call_no)


def findings_page(store: Store, rule: str | None, status: str, number: int) -> FindingsPage:
    """One page of standing findings, worst first."""
    [counted] = _rows(store, "findings_count", rule=rule, status=status)
    listed = _rows(store, "findings_page", rule=rule, status=status, rows=FINDINGS_ROWS, first=(number - 1) * FINDINGS_ROWS)
    return FindingsPage(counted["findings"], number, listed)


def trend_days(store: Store) -> list[Row]:
    """Calls per day by what bypass was expected and observed."""
    return _rows(store, "trend_days")
