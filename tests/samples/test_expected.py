"""End to end: what siplens finds in a case is what its expected.csv says, no more and no less."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.rules.load import load_rules
from siplens.rules.run import try_rule
from siplens.store import Store, memory_store

CALL_OF_LEG = Path(__file__).with_name("call_of_leg.sql").read_text(encoding="utf-8")
FAMILIES = ("BYP", "EDL", "DMR")


class Verdict(NamedTuple):
    """One line of expected.csv; `call` counts the case's calls by start time, from 1, and is None for a peer."""

    rule_id: str
    call: int | None
    status: str


@pytest.fixture(scope="module")
def store(case: Path) -> Iterator[Store]:
    """The case, ingested and derived."""
    with memory_store() as store:
        files = [str(path) for path in sorted(case.iterdir()) if path.suffix in (".pcap", ".pcapng", ".log")]
        for ingested in ingest_paths(store, files):
            assert ingested.error is None
            assert ingested.warnings == []
        if (case / "config.yaml").exists():
            import_configuration(store, [case / "config.yaml"])
        derive(store)
        yield store


def judged(store: Store) -> dict[Verdict, list[str]]:
    """Every verdict of the shipped rules of our families, with its reasons."""
    ordinals = {row[0]: n for n, row in enumerate(store.query("select call_no from call order by started_ts").rows, 1)}
    calls = {(row[0], row[1]): ordinals.get(row[2]) for row in store.query(CALL_OF_LEG).rows}
    found: dict[Verdict, list[str]] = {}
    for rule in load_rules():
        if rule.family in FAMILIES:
            columns, rows = try_rule(store, rule)
            for row in (dict(zip(columns, values, strict=True)) for values in rows):
                call = calls.get((rule.subject, str(row["subject_id"])))
                found.setdefault(Verdict(rule.id, call, row["status"]), []).append(row["reason"])
    return found


def expected_verdict(line: dict[str, str]) -> Verdict:
    """A line of expected.csv; without a call it is about a peer."""
    return Verdict(line["rule_id"], int(line["call"]) if line["call"] else None, line["status"])


def test_every_rule_says_what_is_expected(case: Path, store: Store) -> None:
    with (case / "expected.csv").open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    found = judged(store)
    expected = {expected_verdict(line) for line in lines}
    assert set(found) == expected, "\n".join(f"{verdict}: {reasons}" for verdict, reasons in sorted(found.items(), key=str))
    for line in lines:
        reasons = found[expected_verdict(line)]
        assert all(line["reason_contains"] in reason for reason in reasons), reasons


def test_every_failure_has_evidence(case: Path, store: Store) -> None:
    for rule in load_rules():
        columns, rows = try_rule(store, rule)
        for row in (dict(zip(columns, values, strict=True)) for values in rows):
            if row["status"] == "fail":
                assert row["evidence"], f"{rule.id}: {row['reason']}"
                assert all(piece["source_id"] and (piece["frame"] or piece["line"]) for piece in row["evidence"])


CALLS_PER_CASE = {
    "bypassed": 2, "capture_and_log": 1, "forked_accepted": 3, "forked_cancelled": 4, "no_configuration": 3,
    "lab_forks": 4, "lab_refusals": 4,
}  # fmt: skip


def test_both_legs_of_a_call_are_one_call(case: Path, store: Store) -> None:
    wanted = CALLS_PER_CASE.get(case.name, 2)
    assert store.value("select count(*) from call where client_leg_id is not null and peer_leg_id is not null") == wanted
    assert store.value("select count(*) from call") == wanted
