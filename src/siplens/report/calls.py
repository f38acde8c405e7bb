"""The list of calls, and everything that is known of one call, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from siplens.errors import QueryError, SiplensError
from siplens.report.fetch import Row, fetch, query_text
from siplens.report.ladder import Ladder, make_ladder
from siplens.report.ladder_fold import folded
from siplens.store import Store


@dataclass(frozen=True, slots=True)
class CallSheet:
    """One call: rows of the queries in report/sql, and its ladder."""

    head: Row
    legs: list[Row]
    links: list[Row]
    dialogs: list[Row]
    offers: list[Row]
    flows: list[Row]
    criteria: list[Row]
    findings: list[Row]
    ladder: Ladder
    messages: list[Row]

    @property
    def call_no(self) -> int:
        """Our number for the call."""
        number: int = self.head["call_no"]
        return number

    def as_rows(self) -> dict[str, Row | list[Row]]:
        """The whole sheet by the name of its parts, for JSON."""
        return {
            "call": self.head,
            "legs": self.legs,
            "leg_links": self.links,
            "dialogs": self.dialogs,
            "offers_and_answers": self.offers,
            "messages": self.messages,
            "media": self.flows,
            "criteria": self.criteria,
            "findings": self.findings,
        }


def calls_query(where: str | None = None, call_nos: Sequence[int] | None = None) -> str:
    """SQL for the calls in order of time, of these numbers or all; `where` is SQL over the columns of `siplens calls`."""
    numbers = "NULL::INTEGER[]" if call_nos is None else f"[{', '.join(str(int(number)) for number in call_nos)}]"
    query = f"SELECT * FROM ({query_text('calls').replace('$call_nos', numbers)}\n) AS calls"
    if where:
        query += f"\nWHERE ({where}\n)"
    return query + "\nORDER BY started, call_no"


def list_calls(store: Store, where: str | None = None, limit: int | None = None) -> tuple[list[Row], list[str]]:
    """Calls in order of time, and the names of their columns. `where` is SQL over these columns, as the user typed it."""
    query = calls_query(where)
    if limit is not None:
        query += f"\nLIMIT {int(limit)}"
    try:
        columns, rows = store.query(query)
    except QueryError as error:
        if not where:
            raise
        raise QueryError(
            f"--where {where}: {first_lines(error.message)}",
            hint="its columns are those that 'siplens calls --format csv' prints",
        ) from error
    return [dict(zip(columns, row, strict=True)) for row in rows], columns


def first_lines(message: str) -> str:
    """DuckDB's error without the statement that siplens put around the user's words."""
    return message.split("\n\nLINE")[0].split("\nLINE")[0].strip()


def find_call(store: Store, wanted: str) -> int:
    """The call number that `wanted` means: a number, a SIP Call-ID, or the beginning of a fingerprint. Raises SiplensError."""
    if wanted.isdecimal() and len(wanted) < 10 and store.value("select count(*) from call where call_no = ?", [int(wanted)]):
        return int(wanted)
    found = [row["call_no"] for row in fetch(store, "find_call", wanted=wanted.strip())]
    if not found:
        raise SiplensError(
            f"there is no call {wanted}",
            hint="'siplens calls' lists them: a number, a SIP Call-ID or a fingerprint names one",
        )
    if len(found) > 1:
        numbers = ", ".join(map(str, found[:10]))
        raise SiplensError(f"{wanted} may be any of the calls {numbers}", hint="name one by its number")
    number: int = found[0]
    return number


def read_call(store: Store, call_no: int, *, fold: bool = True, max_lifelines: int = 4) -> CallSheet:
    """All that is known of the call `call_no`, which exists."""
    sheets = read_calls(store, [call_no], fold=fold, max_lifelines=max_lifelines)
    if not sheets:
        raise SiplensError(f"there is no call {call_no}", hint="'siplens calls' lists them")
    return sheets[0]


def read_calls(store: Store, call_nos: Sequence[int], *, fold: bool = True, max_lifelines: int = 4) -> list[CallSheet]:
    """All that is known of several calls, in the order asked for; each query runs once for all of them."""
    parts: dict[str, dict[int, list[Row]]] = {}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:  # planning these queries takes longer than running them, and one thread each
        for some in pool.map(lambda names: _by_call(store, names, call_nos), _PARTS):
            parts |= some
    hosts = parts["call_hosts"]
    sheets = []
    for number in call_nos:
        for head in parts["call_head"].get(number, []):
            own = {name: rows.get(number, []) for name, rows in parts.items()}
            ladder = make_ladder(hosts.get(number, []), own["call_messages"], own["call_flows"], max_lifelines=max_lifelines)
            sheets.append(
                CallSheet(
                    head=head,
                    legs=own["call_legs"],
                    links=own["call_links"],
                    dialogs=own["call_dialogs"],
                    offers=own["call_offers"],
                    flows=own["call_flows"],
                    criteria=own["call_criteria"],
                    findings=own["findings"],
                    ladder=folded(ladder, fold_runs=fold),
                    messages=own["call_messages"],
                )
            )
    return sheets


SIDE_BY_SIDE = 4
"""Queries about a call that are asked at once."""
_PARTS = (
    ("call_criteria_aside", "call_criteria", "call_head"),
    ("call_messages",),
    ("call_hosts",),
    ("call_offers",),
    ("call_links",),
    ("call_flows",),
    ("call_dialogs",),
    ("call_legs",),
    ("findings",),
)
"""Queries of report/sql about a call, those that take longest first; those in one group need each other, in this order."""


def _by_call(store: Store, names: Sequence[str], call_nos: Sequence[int]) -> dict[str, dict[int, list[Row]]]:
    """Rows of some queries by the query's name and the call's number."""
    grouped: dict[str, dict[int, list[Row]]] = {}
    own = store.beside()
    try:
        for name in names:
            rows = fetch(own, name, call_nos=list(call_nos))
            if name.endswith("_aside"):
                continue  # it made a table for those behind it
            by_call = grouped[name] = {}
            for row in rows:
                by_call.setdefault(row["call_no"], []).append(row)
    finally:
        own.con.close()
    return grouped
