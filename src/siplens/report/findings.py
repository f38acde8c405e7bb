"""Findings with their evidence, worst first."""

from __future__ import annotations

from siplens.report.fetch import Row, fetch
from siplens.rules import Outcome
from siplens.store import Store


def findings_of_run(store: Store, outcome: Outcome) -> list[Row]:
    """The findings of one run, failures before undecided ones; each carries its evidence with the name of its file."""
    columns, rows = store.query(outcome.findings)
    proof = {row["finding_id"]: row for row in fetch(store, "findings", call_nos=None)}
    nothing: Row = {"evidence": [], "started_ts": None, "caller": None, "called": None}
    run = [dict(zip(columns, row, strict=True)) for row in rows]
    return [finding | {name: proof.get(finding["finding_id"], nothing)[name] for name in nothing} for finding in run]
