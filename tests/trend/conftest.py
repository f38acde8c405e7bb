"""Calls on several days, judged once for all tests that only read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import Store, memory_store


@pytest.fixture(scope="module")
def judged_store() -> Iterator[Store]:
    """One-way media on the 9th, forks that the peer cancelled on the 7th, of March 2026."""
    traces = shipped_folder("sample_traces")
    with memory_store() as store:
        for file in ("one_way/capture.pcapng", "forked_cancelled/capture.pcap"):
            assert all(read.error is None for read in ingest_paths(store, [str(traces / file)]))
        import_configuration(store, [traces / "forked_cancelled" / "config.yaml"])
        judge(store)
        yield store
