"""A peer's sheet: every share with its sample and interval, every refusal with the frame that proves it."""

from __future__ import annotations

from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.resources import shipped_folder

CASE = shipped_folder("sample_traces") / "forked_cancelled"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("peer") / "calls.duckdb"
    assert main(["ingest", "--db", str(path), str(CASE / "capture.pcap")]) == 0
    assert main(["config", "import", "--db", str(path), str(CASE / "config.yaml")]) == 0
    return path


def test_the_sheet_has_shares_and_proof(database: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.md"
    assert main(["peers", "gw1.contoso.example", "-o", str(sheet), "--db", str(database)]) == 0
    text = sheet.read_text(encoding="utf-8")
    assert "| forked calls in which it refused a further early dialog | 2 | 4 | 50 % | 15 to 85 % |" in text
    assert "- EDL010, call (none): refused 2 of 4 forked calls" in text
    assert "    - capture.pcap (SHA-256 " in text
    assert "CANCEL" in text


def test_a_sheet_is_of_one_peer(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["peers", "-o", "sheet.md", "--db", str(database)]) == 2
    assert main(["peers", "nobody", "--format", "markdown", "--db", str(database)]) == 2
    assert "there is no peer nobody" in capsys.readouterr().err
