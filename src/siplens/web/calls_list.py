"""The list of calls: filters, order and pages over a million calls. Each filter is one SQL file in sql/filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from siplens.errors import QueryError, SiplensError
from siplens.report.calls import calls_query
from siplens.report.fetch import Row
from siplens.store import Store

PAGE_ROWS = 50
MOST_ROWS = 1000
_FILTERS = Path(__file__).with_name("sql") / "filters"
ORDERS = {
    "newest": "started_ts desc nulls last, call_no desc",
    "oldest": "started_ts asc nulls last, call_no asc",
    "early": "early_dialogs desc nulls last, call_no asc",
    "longest": "duration_s desc nulls last, call_no asc",
}
"""Orders that a user may choose, and what they sort by."""


@cache
def filter_texts() -> dict[str, str]:
    """SQL of each filter by its name: the calls that pass it."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(_FILTERS.glob("*.sql"))}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants to see: filters with their values, an order, a page."""

    filters: dict[str, str]
    order: str = "newest"
    page: int = 1
    rows: int = PAGE_ROWS

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Wanted:
        """From the query part of an address; empty values do not filter. Raises SiplensError for a page or order that cannot be."""
        filters = {name: query[name].strip() for name in filter_texts() if query.get(name, "").strip()}
        order = query.get("order") or "newest"
        if order not in ORDERS:
            raise SiplensError(f"order={order}: there is no such order", hint="one of " + ", ".join(ORDERS))
        return cls(filters, order, _whole(query, "page", 1, 1_000_000), _whole(query, "rows", PAGE_ROWS, MOST_ROWS))

    def address(self, **changes: object) -> str:
        """The query part that asks for this, with something changed; another filter begins at the first page."""
        order = {} if self.order == "newest" else {"order": self.order}
        named: dict[str, object] = {**self.filters, **order, **changes}
        return urlencode({name: value for name, value in named.items() if value not in (None, "")})


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list."""

    wanted: Wanted
    total: int
    calls: list[Row]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.wanted.rows))


def list_page(store: Store, wanted: Wanted) -> Page:
    """The calls of one page with all that the list shows, and how many there are. Raises QueryError for a value that is none."""
    chosen, params = _chosen(wanted), wanted.filters or None
    first = (wanted.page - 1) * wanted.rows
    # With filters, one pass both counts and picks; without, the count stands in the file.
    counted = "count(*) OVER ()" if wanted.filters else "NULL"
    page = f"SELECT call_no, {counted} FROM ({chosen}) AS chosen ORDER BY {ORDERS[wanted.order]} LIMIT {wanted.rows} OFFSET {first}"
    try:
        rows = store.query(page, params).rows
        total = rows[0][1] if rows else None
        if total is None:
            total = store.value(f"SELECT count(*) FROM ({chosen}) AS chosen", params)
        numbers = [row[0] for row in rows]
    except QueryError as error:
        raise QueryError(f"a filter's value cannot be used: {error.message}", hint="times are written 2026-01-31T08:00") from error
    return Page(wanted, total, _rows(store, numbers))


def export_query(wanted: Wanted) -> tuple[str, dict[str, str]]:
    """SQL for all calls that pass the filters, and the parameters it takes: for download."""
    return f"SELECT * FROM ({calls_query()}) AS calls WHERE call_no IN (SELECT call_no FROM ({_chosen(wanted)}) AS chosen)", wanted.filters


def _chosen(wanted: Wanted) -> str:
    texts = filter_texts()
    conditions = [f"call_no IN (\n{texts[name]}\n)" for name in wanted.filters]
    return "SELECT call_no, started_ts, early_dialogs, duration_s FROM call" + (
        "\nWHERE " + "\nAND ".join(conditions) if conditions else ""
    )


def _rows(store: Store, numbers: list[int]) -> list[Row]:
    if not numbers:
        return []
    columns, rows = store.query(calls_query(call_nos=numbers))
    by_number = {row["call_no"]: row for row in (dict(zip(columns, values, strict=True)) for values in rows)}
    return [by_number[number] for number in numbers]


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise SiplensError(f"{name}={text}: a whole number from 1 to {most:,} was expected")
    return int(text)
