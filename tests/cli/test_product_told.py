"""What Microsoft's product says of bypass itself, as people see it: in peers, in the report, in explain; bypass IDs on the wire.

The trace stale_bypass_id: call 1 went directly with an old bypass ID in the client's SDP, call 2 went through the Mediation Server.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.cli.app import main

TRACE = Path(__file__).parents[2] / "sample_traces" / "stale_bypass_id"
SESSIONS = """ConferenceURI,DialogCategory,MediationServerBypassFlag,StartTime
1d0385a84b3c3762062427c7a1f9270b;from-tag=a;to-tag=b,0,0,2026-03-11 09:00:01
9ad24be2e9c5c7b2e41f83539ec8fba1;from-tag=a;to-tag=b,0,0,2026-03-11 09:00:10
"""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trace, its configuration, and an export of the QoE Session table that says that neither call was bypassed."""
    folder = tmp_path_factory.mktemp("told")
    path, sessions = folder / "told.duckdb", folder / "sessions.csv"
    sessions.write_text(SESSIONS, encoding="utf-8")
    assert main(["ingest", str(TRACE / "capture.pcap"), str(sessions), "--db", str(path)]) == 0
    assert main(["config", "import", str(TRACE / "config.yaml"), "--db", str(path)]) == 0
    return path


def printed(capsys: pytest.CaptureFixture[str], database: Path, *words: str) -> str:
    capsys.readouterr()
    assert main([*words, "--db", str(database)]) == 0
    return capsys.readouterr().out


def test_the_matrix_is_printed_below_the_peers(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heading, *rows = printed(capsys, database, "peers").partition("MediaBypassFlag of quality reports")[1:]

    assert heading
    words = [line.split() for line in rows[0].splitlines()]
    assert ["fail", "fail", "agrees", "1", "2"] in words
    assert ["fail", "pass", "differs", "1", "1"] in words


def test_the_matrix_is_in_the_report(database: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "report.md"
    printed(capsys, database, "report", "-o", str(page))
    text = page.read_text(encoding="utf-8")

    matrix = text.partition("## Microsoft's own word on bypass")[2].partition("##")[0]
    assert "| fail | fail | agrees | 1 | 2 |" in matrix
    assert "| fail | pass | differs | 1 | 1 |" in matrix


def test_explain_says_what_the_wire_and_the_product_say(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = " ".join(printed(capsys, database, "explain", "1").split())

    old, new = "5f3c1a52-7d1e-4c7b-9a60-2b8f1d3e4c01", "b7e2d940-1c4f-4f0a-8d3b-6a5c7e9f0d02"
    assert f"bypass ID of the client on the wire: {old} (configured is {new})" in lines
    assert f"bypass ID of the peer on the wire: {old} (as configured)" in lines
    assert "QoE Session table: not bypassed, which differs with what was observed" in lines


def test_bypass_ids_on_the_wire_are_rows(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    query = "select call_no, client_agreement, peer_agreement, len(evidence) as pieces from bypass_wire_id"

    assert printed(capsys, database, "sql", query, "--format", "csv").splitlines()[1:] == ["1,differs,agrees,1"]
