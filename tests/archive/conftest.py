"""Calls of two days in March 2026, judged: what pruning, archives and combined databases are tried on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import open_store

TRACES = shipped_folder("sample_traces")


def fill(path: Path, *files: str) -> Path:
    """A database of some sample traces, judged."""
    with open_store(path, write=True) as store:
        assert all(read.error is None for read in ingest_paths(store, [str(TRACES / file) for file in files]))
        import_configuration(store, [TRACES / "forked_cancelled" / "config.yaml"])
        judge(store)
    return path


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
