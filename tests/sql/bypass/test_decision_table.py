"""Every row of decision_table.yaml: the configuration is written to a file and imported, the call is written, the SQL judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from siplens.config import read_configuration
from siplens.pipeline.derive import assess, derive
from siplens.records import TABLES
from siplens.store import Store, memory_store
from siplens.store.writer import insert, number_addresses

from .written_call import WrittenCalls

TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("decision_table.yaml").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = TABLE["cases"]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """All cases in one store, each call with a configuration snapshot of its own, numbered as in the table."""
    folder = tmp_path_factory.mktemp("configurations")
    with memory_store() as store:
        derive(store)
        calls = WrittenCalls()
        for number, case in enumerate(CASES):
            path = folder / f"{number}.yaml"
            sections = {**TABLE["ordinary"], **case.get("configuration", {})}
            written = {name: section for name, section in sections.items() if section is not None}
            path.write_text(yaml.safe_dump(written), encoding="utf-8")
            import_snapshot(store, path, number)
            calls.add(number, {**case.get("call", {}), "snapshot_id": number})
        calls.put_into(store)
        number_addresses(store)
        assess(store)
        # The views are read once, not once per case.
        store.con.execute("create table judged_criterion as from bypass_criterion")
        store.con.execute("create table judged_call as from bypass_assessment")
        yield store


def import_snapshot(store: Store, path: Path, number: int) -> None:
    """Reads a file into a snapshot of that number, and calls its source 100 + number."""
    store.con.execute("insert into config_snapshot values (?, current_timestamp::timestamp, null, ?)", [number, path.name])
    for name, rows in read_configuration(path).batches:
        insert(store, TABLES[name], rows, 100 + number, number)


def names_of(cases: list[dict[str, Any]]) -> list[str]:
    """What pytest prints for each case."""
    return [case["case"] for case in cases]


@pytest.mark.parametrize("number", range(len(CASES)), ids=names_of(CASES))
def test_case(judged: Store, number: int) -> None:
    case = CASES[number]
    rows = judged.query("select criterion, outcome, detail from judged_criterion where call_no = ?", [number]).rows
    details = {criterion: detail for criterion, _, detail in rows}
    by_outcome = {outcome: {criterion for criterion, found, _ in rows if found == outcome} for outcome in ("fail", "unknown")}

    assert by_outcome == {"fail": set(case.get("failing", [])), "unknown": set(case.get("unknown", []))}, details
    for criterion, words in case.get("says", {}).items():
        assert [word for word in words if word not in details[criterion]] == [], details[criterion]
    expected, reasons, unknown_reason = judged.query(
        "select expected, reasons, unknown_reason from judged_call where call_no = ?", [number]
    ).rows[0]
    assert expected == case["expected"]
    assert all(criterion in reasons for criterion in case.get("failing", []))
    assert (unknown_reason is not None) == (expected == "unknown")


def test_every_call_is_judged_by_every_criterion(judged: Store) -> None:
    rows = judged.query("select call_no, count(*), count(distinct criterion) from judged_criterion group by call_no").rows

    assert rows
    assert {(judgements, criteria) for _, judgements, criteria in rows} == {(12, 12), (5, 5)}, (
        "twelve criteria for Mediation Servers, five for Direct Routing"
    )
    assert judged.value("select count(*) from bypass_assessment") == len(CASES)


def test_every_detail_is_a_sentence_and_every_evidence_leads_somewhere(judged: Store) -> None:
    assert judged.query("select criterion from judged_criterion where coalesce(detail, '') = ''").rows == []
    assert judged.query("select criterion from judged_criterion where evidence is null").rows == []
    lost = """
        select piece from (select unnest(evidence) as piece from judged_criterion)
        where piece.source_id is null or (piece.frame is null and piece.line is null) or piece.note is null
    """
    assert judged.query(lost).rows == []


def test_evidence_names_configuration_lines(judged: Store) -> None:
    number = names_of(CASES).index("the longest prefix decides, a constrained site within the unconstrained site's range")
    pieces = judged.query(
        """
        select piece.source_id, piece.note, piece.line > 0
        from (select unnest(evidence) as piece from bypass_criterion where call_no = ? and criterion = 'well_connected')
        """,
        [number],
    ).rows

    assert (100 + number, "subnet 10.3.9.0/24", True) in pieces
    assert (100 + number, "site Hamburg", True) in pieces


def test_details_and_documents_are_recorded(judged: Store) -> None:
    requirements = judged.query("select requirement, count(*) from criterion group by requirement").rows

    assert dict(requirements).keys() >= {"1 early dialogs", "2 direct media", "3 well connected"}
    assert judged.query("select criterion from criterion where document = '' or title = ''").rows == []
