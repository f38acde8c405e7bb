"""One call's queries read the rows of that call: a million other calls in the database must not make its page slow.

DuckDB's plan shows it: the call's number has come down to the scan of the table that has a row per call. Whoever writes
`call_no in (select …)` where `list_contains($call_nos, call_no)` would do has all criteria of all calls worked out first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from siplens.pipeline.derive import derive
from siplens.report.fetch import query_text
from siplens.store import Store, memory_store


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with memory_store() as store:
        derive(store)
        # Scans of empty tables are left out of a plan.
        store.con.execute(
            "insert into bypass_fact (call_no, mode, wire_peer_bypass_id) select range, 'server', 'id' || range from range(1, 5000)"
        )
        store.con.execute(
            "insert into bypass_verdict (call_no, expected, observed, verdict) select call_no, 'pass', 'pass', 'pass' from bypass_fact"
        )
        yield store


def scans(store: Store, sql: str, params: dict[str, object] | None = None, table: str = "bypass_fact") -> list[str]:
    """What the plan says of each scan of a table."""
    ((_, plan),) = store.con.execute(f"EXPLAIN (FORMAT json) {sql}", params or {}).fetchall()
    return re.findall(r'\{[^{}]*"Table": "[^"]*' + table + r'"[^{}]*\}', plan)


@pytest.mark.parametrize(("query", "table"), [("call_head", "bypass_verdict"), ("call_criteria_aside", "bypass_fact")])
def test_a_page_asks_for_its_call_only(store: Store, query: str, table: str) -> None:
    store.query(query_text("call_criteria_aside"), {"call_nos": [17]})
    found = scans(store, query_text(query), {"call_nos": [17]}, table)
    assert found
    assert [scan for scan in found if "17" not in scan] == []


@pytest.mark.parametrize(
    "sql",
    [
        "select * from bypass_criterion where call_no = 17",
        "select * from bypass_assessment where call_no = 17",
        "select * from call left join bypass_assessment using (call_no) where call_no = 17",
        "select * from bypass_wire_id where call_no = 17",
        "select * from bypass_assessment_by('bypass_criterion', [17])",
    ],
)
def test_sql_for_one_call_reads_one_call(store: Store, sql: str) -> None:
    found = scans(store, sql)
    assert found
    assert [scan for scan in found if "17" not in scan] == []


def test_criteria_are_not_worked_out_for_those_who_count_verdicts(store: Store) -> None:
    assert scans(store, "select count(*) from bypass_assessment") == []
    assert scans(store, "select expected, observed, count(*) from bypass_assessment where verdict = 'pass' group by all") == []
    assert scans(store, "select reasons, count(*) from bypass_assessment group by all")
