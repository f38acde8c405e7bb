"""A sample trace, ingested and judged once for all tests that only read it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from siplens.cli.app import main
from siplens.resources import shipped_folder


@pytest.fixture(scope="session")
def forked_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The case forked_cancelled: four calls from the gateway, two of which it cancelled when they forked too far."""
    case = shipped_folder("sample_traces") / "forked_cancelled"
    database = tmp_path_factory.mktemp("forked") / "forked.duckdb"
    assert main(["ingest", str(case / "capture.pcap"), "--db", str(database)]) == 0
    assert main(["config", "import", str(case / "config.yaml"), "--db", str(database)]) == 0
    assert main(["check", "--fail-on", "never", "--db", str(database)]) == 0
    return database


@pytest.fixture
def own_copy(forked_database: Path, tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    return Path(shutil.copy(forked_database, tmp_path / "own.duckdb"))
