"""One call in a capture and in a server log: one call, two observations, and the clocks set right."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from siplens.pipeline.configure import import_configuration
from siplens.pipeline.derive import derive
from siplens.pipeline.ingest import ingest_paths
from siplens.store import memory_store

FILES = ("capture.pcapng", "server.log")


@pytest.mark.parametrize("order", list(itertools.permutations(FILES)), ids=" then ".join)
def test_the_order_of_files_does_not_matter(order: tuple[str, ...], all_cases: list[Path]) -> None:
    (case,) = (case for case in all_cases if case.name == "capture_and_log")
    with memory_store() as store:
        for ingested in ingest_paths(store, [str(case / name) for name in order]):
            assert ingested.error is None
        import_configuration(store, [case / "config.yaml"])
        derive(store)
        calls = store.query("select len(sources), outcome, client_ip, peer_media_ip, duration_s from call").rows
        assert calls == [(2, "answered", "10.3.0.51", "10.2.0.21", pytest.approx(4.4, abs=0.05))]
        # INVITE, 100, 183, 200, ACK, BYE, 200 between front end and Mediation Server are in both files.
        assert store.value("select count(*) from message where same_as is not null") == 7
        offsets = dict(store.query("select format, coalesce(clock_offset_ms, 0) from source where kind <> 'config'").rows)
        assert offsets["pcapng"] - offsets["cls"] == pytest.approx(250, abs=2)
