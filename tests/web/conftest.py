"""The case direct_media_refused, ingested, configured and judged: a database for the explorer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from siplens.cli.app import main
from siplens.resources import shipped_folder
from siplens.web.app import make_app


@pytest.fixture(scope="session")
def judged_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("explorer") / "calls.duckdb"
    for case in ("direct_media_refused", "forked_cancelled"):
        assert main(["ingest", str(shipped_folder("sample_traces") / case / "capture.pcap"), "--db", str(database)]) == 0
    assert (
        main(["config", "import", str(shipped_folder("sample_traces") / "direct_media_refused" / "config.yaml"), "--db", str(database)])
        == 0
    )
    assert main(["check", "--fail-on", "never", "--db", str(database)]) == 0
    return database


@pytest.fixture
def own_database(judged_database: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(judged_database, tmp_path / "own.duckdb"))


@pytest.fixture(scope="module")
def client(judged_database: Path) -> Iterator[TestClient]:
    """A browser without a screen, on this machine."""
    with TestClient(make_app(judged_database), base_url="http://127.0.0.1") as browser:
        yield browser
