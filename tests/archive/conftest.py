"""Calls of three days in March 2026, judged: what pruning, archives and combined databases are tried on."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from archive_rows import fill


@pytest.fixture(scope="session")
def two_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forks that the peer cancelled, on the 7th; one-way media and a log and capture of one call, on the 9th and 10th."""
    folder = tmp_path_factory.mktemp("two_days")
    return fill(
        folder / "two_days.duckdb",
        "forked_cancelled/capture.pcap",
        "one_way/capture.pcapng",
        "capture_and_log/capture.pcapng",
        "capture_and_log/server.log",
    )


@pytest.fixture
def own(two_days: Path, tmp_path: Path) -> Path:
    """The same, for a test that changes it."""
    return Path(shutil.copy(two_days, tmp_path / "own.duckdb"))
