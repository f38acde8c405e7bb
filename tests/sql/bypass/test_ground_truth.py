"""Microsoft's own flag of bypass, in quality reports and in a CSV of the QoE Session table, against what siplens observed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siplens.errors import UnreadableFileError
from siplens.logs import qoe_csv
from siplens.pipeline.derive import assess, derive
from siplens.pipeline.recognise import ReadOptions, recognise
from siplens.records import TABLES
from siplens.report.fetch import fetch
from siplens.store import Store, memory_store
from siplens.store.writer import insert, number_addresses

from .written_call import BEGIN, SOURCE, WrittenCalls

HEADINGS = "ConferenceDateTime,SessionSeq,ConferenceURI,DialogCategory,MediationServerBypassFlag,MediaBypassWarningFlag,StartTime,EndTime"
HEADINGS += ",CallerPAI,CalleePAI"
CSV = f"""{HEADINGS}
2026-03-02 08:00:00,1,1-client;from-tag=a;to-tag=b,0,1,NULL,2026-03-02 08:00:00.100,2026-03-02 08:01:00,sip:anna@contoso.example,NULL
2026-03-02 08:00:00,2,2-client;from-tag=a;to-tag=b,0,1,NULL,2026-03-02 08:00:00.100,2026-03-02 08:01:00,NULL,NULL
2026-03-02 08:00:00,3,3-client;from-tag=a;to-tag=b,0,0,1,2026-03-02 08:00:00.100,2026-03-02 08:01:00,NULL,NULL
2026-03-02 08:00:01,4,NULL,1,0,NULL,2026-03-02 08:00:01,2026-03-02 08:01:00,NULL,sip:+49305550004@contoso.example;user=phone
2026-03-02 08:00:00,5,5-client;from-tag=a;to-tag=b,0,1,NULL,2026-03-02 08:00:00.100,NULL,NULL,NULL
2026-03-02 08:00:00,5,5-peer;from-tag=a;to-tag=b,1,0,NULL,2026-03-02 08:00:00.100,NULL,NULL,NULL
2026-03-02 11:00:00,6,nobody;from-tag=a;to-tag=b,0,1,NULL,2026-03-02 11:00:00,NULL,NULL,NULL
"""
OBSERVED = {1: "direct", 2: "mediated", 3: "mediated", 4: "direct", 5: "direct", 6: "direct", 7: "mediated"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("qoe") / "sessions.csv"
    path.write_text(CSV, encoding="utf-16")
    with memory_store() as store:
        derive(store)
        calls = WrittenCalls()
        for number, observed in OBSERVED.items():
            calls.add(number, {"observed": observed, "signalled": observed})
        calls.put_into(store)
        store.con.execute("update call set called = '+49305550004', started_ts = ? where call_no = 4", [BEGIN])
        store.con.execute(
            "insert into qoe_report by name select ? as source_id, ? as message_id, '7-client' as reported_call_id, false as bypassed",
            [SOURCE, (SOURCE << 32) + 1],
        )
        for name, rows in qoe_csv.read(path):
            if name == "qoe_session":
                insert(store, TABLES[name], rows, 99)
        number_addresses(store)
        assess(store)
        yield store


def test_each_call_that_the_product_reported_on(told: Store) -> None:
    rows = told.query("select call_no, reported, observed, agreement, told_by, warning from bypass_ground_truth order by call_no").rows

    assert rows == [
        (1, "pass", "pass", "agrees", "QoE Session table", None),
        (2, "pass", "fail", "differs", "QoE Session table", None),
        (3, "fail", "fail", "agrees", "QoE Session table", "unknown bypass ID for the default network adapter"),
        (4, "fail", "pass", "differs", "QoE Session table, by time", None),
        (5, "unknown", "pass", "unknown", "QoE Session table", None),
        (7, "fail", "fail", "agrees", "quality report", None),
    ]


def test_the_evidence_is_the_row_of_the_csv(told: Store) -> None:
    (piece,) = told.value("select evidence from bypass_ground_truth where call_no = 2")

    assert (piece["source_id"], piece["line"]) == (99, 3)


def test_the_confusion_matrix(told: Store) -> None:
    matrix = {(row["reported"], row["observed"]): row["calls"] for row in fetch(told, "ground_truth")}

    assert matrix == {("pass", "pass"): 1, ("pass", "fail"): 1, ("fail", "fail"): 2, ("fail", "pass"): 1, ("unknown", "pass"): 1}


def test_it_is_known_by_its_headings(tmp_path: Path) -> None:
    path = tmp_path / "export.txt"
    path.write_text("StartTime;MediationServerBypassFlag\n2026-03-02T08:00:00Z;true\n", encoding="utf-8")

    assert recognise(path, ReadOptions()).format == "qoe-session-csv"
    assert not qoe_csv.recognise(b"Identity,Mask,SiteID\n")


BAD = [
    ("StartTime,MediationServerBypassFlag\n2026-03-02 08:00:00,maybe\n", ":2: mediationserverbypassflag: expected 0 or 1, found 'maybe'"),
    ("StartTime,MediationServerBypassFlag\nyesterday,1\n", ":2: starttime: expected a time, found 'yesterday'"),
    ("StartTime,MediationServerBypassFlag\n2026-03-02 08:00:00\n", ":2: 1 values under 2 headings: the file was cut there"),
    ("MediationServerBypassFlag,StartTime,MediaBypassWarningFlag\n1,NULL,x\n", ":2: mediabypasswarningflag: expected a whole number"),
]


@pytest.mark.parametrize(("text", "words"), BAD)
def test_a_bad_row_names_its_line_and_heading(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "sessions.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UnreadableFileError) as caught:
        list[Any](qoe_csv.read(path))
    assert caught.value.message.startswith(f"{path}{words}")


def test_bypass_ids_on_the_wire_against_the_configured_ones(told: Store) -> None:
    assert told.query("select * from bypass_wire_id").rows == []
