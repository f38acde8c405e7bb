"""Captures of a ring and files of a rolled log: the rows are the same whether one command reads all of them or many read one each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from siplens.capture import seam
from siplens.capture.fragments import Fragments
from siplens.capture.health import Findings
from siplens.capture.memory import Memory
from siplens.capture.streams import Streams
from siplens.pipeline.blank import open_writable
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.one_file import IngestedFile
from siplens.store import Store, memory_store

from ..capture.packets import B, ethernet, ip4, pcap, rtp, sdp, sip, tcp_frame, udp, udp_frame
from ..stored_rows import Rows, raw_rows
from .test_rolled_logs import record

Frames = list[tuple[float, bytes]]


def ring(folder: Path) -> list[Path]:
    """Four captures: a stream with a clock that only the first one tells, a message cut twice, a datagram cut once, one that never ends."""
    offer = (0.0, udp_frame(sip("c1", body=sdp(B, 40_000, "96 opus/48000/2", 96))))
    media = [(1 + n * 0.02, udp_frame(rtp(n, n * 960, payload_type=96), (30_000, 40_000))) for n in range(100)]
    text, packet = sip("stream", body="x" * 600), udp(sip("fragments", body="x" * 2000))
    parts = [ethernet(ip4(packet[at : at + 1480], identity=3, fragment=at // 8 | (at == 0) << 13)) for at in (0, 1480)]
    files: list[Frames] = [
        [offer, *media[:50], (2.0, tcp_frame(text[:300], 1)), (2.001, parts[0])],
        [*media[51:80], (2.61, parts[1]), (2.62, tcp_frame(text[300:500], 301))],
        [*media[81:97], (3.0, tcp_frame(text[500:], 501))],
        [*media[98:], (3.1, tcp_frame(sip("cut", body="x" * 600)[:400], 5000, ports=(5070, 5060)))],
    ]
    paths = [folder / f"ring_{place:05}_20260101{place:06}.pcap" for place in range(1, 5)]
    for path, frames in zip(paths, files, strict=True):
        path.write_bytes(pcap(sorted(frames)))
    return paths


def rolled(folder: Path) -> list[Path]:
    """Three files of a log, each cut within a record."""
    whole = "".join(map(record, range(1, 8)))
    paths = [folder / f"server.log{ending}" for ending in (".2", ".1", "")]
    for path, start, end in zip(paths, (0, 1000, 2200), (1000, 2200, None), strict=True):
        path.write_text(whole[start:end])
    return paths


def at_once(store: Store, paths: Sequence[Path]) -> Iterable[IngestedFile]:
    return ingest_paths(store, [str(path) for path in paths])


def one_by_one(store: Store, paths: Sequence[Path]) -> Iterable[IngestedFile]:
    for path in paths:
        yield from ingest_paths(store, [str(path)])


def backwards(store: Store, paths: Sequence[Path]) -> Iterable[IngestedFile]:
    """Each file is read again once the one before it is there: it means more then."""
    return one_by_one(store, paths[::-1])


def the_second_comes_late(store: Store, paths: Sequence[Path]) -> Iterable[IngestedFile]:
    return one_by_one(store, [paths[0], *paths[2:], paths[1]])


def read(database: Path, files: Sequence[Path], way: Callable[[Store, Sequence[Path]], Iterable[IngestedFile]]) -> Rows:
    with open_writable(database) as store:
        assert [outcome.error for outcome in way(store, files) if outcome.error] == []
        return raw_rows(store)


@pytest.mark.parametrize("made", [ring, rolled])
@pytest.mark.parametrize("way", [one_by_one, backwards, the_second_comes_late])
def test_the_way_of_ingest_does_not_matter(
    made: Callable[[Path], list[Path]], way: Callable[..., Iterable[IngestedFile]], tmp_path: Path
) -> None:
    (folder := tmp_path / "files").mkdir()
    files = made(folder)
    assert read(tmp_path / "other.duckdb", files, way) == read(tmp_path / "one.duckdb", [folder], at_once)


def test_what_the_ring_holds(tmp_path: Path) -> None:
    paths = ring(tmp_path)
    with memory_store() as store:
        list(one_by_one(store, paths))
        flows = store.query("select source_id, bound_by, clock_hz, packets from media_flow order by flow_id").rows
        assert flows == [(1, "sdp", 48_000, 50), (2, "sdp", 48_000, 29), (3, "sdp", 48_000, 16), (4, "sdp", 48_000, 2)]
        found = store.query("select source_id, call_id, body_bytes from message order by message_id").rows
        assert found == [(1, "c1", 115), (2, "fragments", 2000), (3, "stream", 600), (4, "cut", 184)]
        assert store.query("select source_id, check_name from capture_health").rows == []


def test_what_the_end_of_a_file_cuts_counts_until_the_rest_is_there(tmp_path: Path) -> None:
    """The second file brings the rest: then the first no longer shows a message that breaks off, nor a datagram that lacks a part."""
    first, second, *_ = ring(tmp_path)
    with memory_store() as store:
        (alone,) = one_by_one(store, [first])
        assert alone.rows["message"] == 2
        assert store.query("select check_name from capture_health").rows == [("fragments_incomplete",)]
        list(one_by_one(store, [second]))
        assert store.query("select source_id, call_id from message where source_id = 1").rows == [(1, "c1")]
        assert store.query("select source_id from capture_health where check_name = 'fragments_incomplete'").rows == []


def test_a_state_that_does_not_hold_together_is_left_alone(tmp_path: Path) -> None:
    """The compiled pass trusts its tables, and a database may come from anywhere: what was changed in it must not reach them."""
    first, second, *_ = ring(tmp_path)
    with memory_store() as store:
        list(one_by_one(store, [first]))
        state = store.value("select state from file_end")
        carried = seam.unpack(state)
        assert carried is not None
        assert len(carried.bindings) == 1
        for damaged in (b"", state[:100], state[:-40], state.replace(b"form", b"norm")):
            store.con.execute("UPDATE file_end SET state = ? WHERE source_id = 1", [damaged])
            (outcome,) = one_by_one(store, [second])
            assert outcome.error is None
            store.con.execute("DELETE FROM source WHERE source_id = ?", [outcome.source_id])


def test_announcements_are_forgotten_when_they_are_old() -> None:
    hour = 3600 * 1_000_000_000
    rows = np.array([[0, place, 5000 + place, 0, 1] for place in range(6)], dtype=np.int64)
    memory, streams, fragments = Memory(), Streams(Findings()), Fragments(Findings())
    memory.take_bindings(rows)
    state, said = seam.pack(memory, streams, fragments, hour, None), None
    for number, left in ((2, 6), (5, 6), (6, 0)):
        memory = Memory()
        carried = seam.unpack(state)
        assert carried is not None
        assert len(carried.bindings) == 6
        seam.take_over(carried, memory, streams, fragments)
        said = carried.said
        state = seam.pack(memory, streams, fragments, number * hour, said)
        after = seam.unpack(state)
        assert after is not None
        assert len(after.bindings) == left
