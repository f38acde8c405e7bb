"""Six sample traces of one company as one fortnight, judged once for all tests that only read it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.ingest import ingest_paths
from siplens.resources import shipped_folder
from siplens.rules import judge
from siplens.store import Store, memory_store

CASES = ("bypassed", "constrained_site", "expected_but_mediated", "forked_cancelled", "direct_media_refused")
"""On 2, 4, 3, 7 and 8 March 2026. The configuration is in force from the 7th: of the calls before, nothing was to be expected."""


@pytest.fixture(scope="session")
def fortnight() -> Iterator[Store]:
    """Calls on six days; the days before are figures of calls that were pruned."""
    traces = shipped_folder("sample_traces")
    with memory_store() as store:
        captures = [*(traces / case / "capture.pcap" for case in CASES), traces / "one_way" / "capture.pcapng"]
        assert all(read.error is None for read in ingest_paths(store, [str(path) for path in captures]))
        import_configuration(store, [traces / "forked_cancelled" / "config.yaml"])
        judge(store)
        before = [
            ("2026-02-20", "all", "all calls", "answered", 90, 100),
            ("2026-02-20", "all", "all calls", "bypass_as_expected", 80, 100),
            ("2026-02-20", "trunk", "Service:PstnGateway:gw1.contoso.example", "bypass_as_expected", 80, 100),
            ("2026-02-20", "peer", "gw1.contoso.example", "one_way", 0, 90),
        ]
        store.con.executemany("INSERT INTO past_figure VALUES (?, ?, ?, ?, ?, ?, 0)", before)
        yield store
