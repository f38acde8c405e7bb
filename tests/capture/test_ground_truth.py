"""The real captures: SIP messages and announced RTP streams equal what tshark 4.0 measured, but for the named exceptions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from siplens.capture import read_capture
from siplens.errors import UnreadableFileError

from .ground_truth import FLOWS_DIFFER, SIP_DIFFERS, FlowKey, Stream, Truth, truths
from .packets import Tables, read_file


@pytest.fixture(scope="module")
def all_tables(shared_data: Path) -> list[tuple[Truth, Tables]]:
    return [(truth, read_file(shared_data / truth.path)) for truth in truths(shared_data)]


def signalling(tables: Tables) -> tuple[int, Counter[str], Counter[int], int]:
    messages = tables.get("message", [])
    return (
        len(messages),
        Counter(row["method"] for row in messages if row["status"] is None),
        Counter(row["status"] for row in messages if row["status"] is not None),
        len({row["call_id"] for row in messages if row["call_id"] is not None}),
    )


def announced(tables: Tables) -> dict[FlowKey, Stream]:
    return bound(tables, "sdp")


def keyed(tables: Tables) -> dict[FlowKey, Stream]:
    return bound(tables, "keys")


def bound(tables: Tables, how: str) -> dict[FlowKey, Stream]:
    flows: dict[FlowKey, Stream] = {}
    for row in tables.get("media_flow", []):
        if row["bound_by"] == how:
            key = (row["src_ip"], row["src_port"], row["dst_ip"], row["dst_port"], row["ssrc"])
            jitter = None if row["jitter_max_ms"] is None else (row["jitter_min_ms"], row["jitter_mean_ms"], row["jitter_max_ms"])
            flows[key] = Stream(row["packets"], row["lost"], row["max_delta_ms"], jitter)
    return flows


def alike(ours: Stream, theirs: Stream) -> bool:
    """Counts equal; times within what three printed decimals can tell."""
    ours_times = (ours.max_delta, *(ours.jitter or ()))
    theirs_times = (theirs.max_delta, *(theirs.jitter or ()))
    return ours[:2] == theirs[:2] and ours_times == pytest.approx(theirs_times, rel=1e-4, abs=1.1e-3)


def test_sip_messages(all_tables: list[tuple[Truth, Tables]]) -> None:
    differing = {
        truth.path
        for truth, tables in all_tables
        if signalling(tables) != (truth.messages, truth.requests, truth.responses, truth.call_ids)
    }
    assert differing == set(SIP_DIFFERS)


def test_announced_flows(all_tables: list[tuple[Truth, Tables]]) -> None:
    differing = set()
    for truth, tables in all_tables:
        flows = announced(tables)
        # What keys announce, tshark 4.0 ties in one capture of several.
        flows |= {key: stream for key, stream in keyed(tables).items() if key in truth.streams}
        if flows.keys() != truth.streams.keys() or not all(alike(flows[key], truth.streams[key]) for key in flows):
            differing.add(truth.path)
    assert differing == set(FLOWS_DIFFER)


def test_packets(all_tables: list[tuple[Truth, Tables]]) -> None:
    for truth, tables in all_tables:
        if truth.packets is not None:
            assert tables["source"][0]["packets"] == truth.packets, truth.path


def test_no_capture_gives_a_flow_that_tshark_does_not_see(all_tables: list[tuple[Truth, Tables]], shared_data: Path) -> None:
    """Found by their own form are only flows that tshark's heuristic, which finds too many, finds as well."""
    import json

    seen = {}
    with (shared_data / "ground_truth.jsonl").open(encoding="utf-8") as file:
        for entry in map(json.loads, file):
            seen[entry["dst"]] = {tuple(line.split()[2:6]) for line in entry["rtph"]}
    for truth, tables in all_tables:
        for row in tables.get("media_flow", []):
            if row["bound_by"] != "sdp":
                key = (row["src_ip"], str(row["src_port"]), row["dst_ip"], str(row["dst_port"]))
                assert key in seen[truth.path], (truth.path, key)


def test_all_files_read(shared_data: Path) -> None:
    """Every capture reads to its end, or is refused in one sentence."""
    refused = []
    for path in sorted((shared_data / "pcap").rglob("*")):
        if path.is_file():
            try:
                assert list(read_capture(path))[-1].table == "source"
            except UnreadableFileError:
                refused.append(path.name)
    assert refused == []


def test_logs_are_refused(shared_data: Path) -> None:
    for path in (shared_data / "negative").iterdir():
        with pytest.raises(UnreadableFileError, match="expected a packet capture"):
            list(read_capture(path))
