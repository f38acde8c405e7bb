"""What diagnostic ids mean for bypass: the shipped table, a user's own lines before it, and the call a header belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.errors import ConfigurationError
from siplens.pipeline.derive import derive, is_current
from siplens.pipeline.diagnostic_ids import COLUMNS, SHIPPED, read_ids
from siplens.pipeline.ingest import ingest_paths
from siplens.store import Store, memory_store

CALL = """2026/01/05 10:00:01.250000 10.1.0.10:5060 -> 10.2.0.20:5060
INVITE sip:+14255550100@10.2.0.20 SIP/2.0
Via: SIP/2.0/UDP 10.1.0.10:5060;branch=z9hG4bK77ab
From: <sip:+4930555@contoso.example>;tag=a1
To: <sip:+14255550100@10.2.0.20>
Call-ID: call-1@10.1.0.10
CSeq: 1 INVITE
Content-Length: 0


2026/01/05 10:00:01.500000 10.2.0.20:5060 -> 10.1.0.10:5060
SIP/2.0 488 Encryption Levels not compatible
Via: SIP/2.0/UDP 10.1.0.10:5060;branch=z9hG4bK77ab
From: <sip:+4930555@contoso.example>;tag=a1
To: <sip:+14255550100@10.2.0.20>;tag=b1
Call-ID: call-1@10.1.0.10
CSeq: 1 INVITE
ms-client-diagnostics: 52017;reason="Encryption levels dont match"
ms-diagnostics: 10488;source="med01";component="MediationServer"
ms-diagnostics: 20000;reason="nobody knows"
Content-Length: 0

"""
QUERY = "select call_no, sip_status, diagnostic_id, meaning, meaning_status, bypass_status from diagnostic order by position"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SIPLENS_CONFIG", raising=False)
    (tmp_path / "call.txt").write_text(CALL)
    with memory_store() as store:
        assert [outcome.error for outcome in ingest_paths(store, ["call.txt"])] == [None]
        yield store


def test_meaning_and_call_of_a_header_and_a_users_own_lines(store: Store, tmp_path: Path) -> None:
    derive(store)
    assert store.query(QUERY).rows == [
        (1, 488, 52017, "the encryption levels do not match", "verified", "verified"),
        (1, 488, 10488, "10000 plus the SIP code with which the gateway refused", "inferred", "inferred"),
        (1, 488, 20000, None, None, None),
    ]
    assert is_current(store)
    (tmp_path / "ids.csv").write_text("first_id,last_id,meaning\n20000,20099,our own application\n52017,,as our clients say it\n")
    (tmp_path / "siplens.toml").write_text('[logs]\ndiagnostic_ids = "ids.csv"\n')
    assert not is_current(store)  # an edited table takes effect on calls already ingested
    derive(store)
    assert [(row[2], row[3], row[4]) for row in store.query(QUERY).rows] == [
        (52017, "as our clients say it", None),
        (10488, "10000 plus the SIP code with which the gateway refused", "inferred"),
        (20000, "our own application", None),
    ]


def test_the_shipped_table_is_sound() -> None:
    rows = read_ids(SHIPPED)
    assert all(row["meaning"] and row["status"] for row in rows)
    assert all((row["bypass"] is None) == (row["bypass_status"] is None) for row in rows)
    assert len({(row["first_id"], row["last_id"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,meaning\n", "ids.csv:1: lacks the column first_id"),
        ("first_id,last_id,meaning\n7,3,x\n", "ids.csv:2: first_id and last_id are '7' and '3'"),
        (",".join(COLUMNS) + "\n7,7,x,sure,,\n", "ids.csv:2: status is 'sure'"),
    ],
)
def test_a_wrong_table_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "ids.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        read_ids(path)
    assert words in str(raised.value)


def test_a_missing_table_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_ids(tmp_path / "none.csv")
