"""The list of calls, and everything that is known of one call, as rows."""

from __future__ import annotations

from dataclasses import dataclass

from siplens.errors import QueryError, SiplensError
from siplens.report.fetch import Row, fetch, fetch_one, query_text
from siplens.report.ladder import Ladder, make_ladder
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


def calls_query(where: str | None = None) -> str:
    """SQL for the calls in order of time; `where` is SQL over the columns of `siplens calls`."""
    query = f"SELECT * FROM ({query_text('calls')}\n) AS calls"
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
    head = fetch_one(store, "call_head", call_no=call_no)
    if head is None:
        raise SiplensError(f"there is no call {call_no}", hint="'siplens calls' lists them")
    messages = fetch(store, "call_messages", call_no=call_no)
    flows = fetch(store, "call_flows", call_no=call_no)
    hosts = fetch(store, "call_hosts", call_no=call_no)
    return CallSheet(
        head=head,
        legs=fetch(store, "call_legs", call_no=call_no),
        links=fetch(store, "call_links", call_no=call_no),
        dialogs=fetch(store, "call_dialogs", call_no=call_no),
        offers=fetch(store, "call_offers", call_no=call_no),
        flows=flows,
        criteria=fetch(store, "call_criteria", call_no=call_no),
        findings=fetch(store, "findings", call_no=call_no),
        ladder=make_ladder(hosts, messages, flows, max_lifelines=max_lifelines, fold=fold),
        messages=messages,
    )
