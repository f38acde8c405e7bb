"""Files that grow, streams, and rings of captures: nothing is there twice, and all of it in order."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from siplens.pipeline.growth import fingerprint
from siplens.pipeline.ingest import ingest_paths
from siplens.pipeline.stream import ingest_stream
from siplens.resources import shipped_folder
from siplens.store import Store, memory_store

CAPTURE = shipped_folder("sample_traces") / "bypassed" / "capture.pcap"
WHOLE = CAPTURE.read_bytes()
LOG = shipped_folder("sample_traces") / "capture_and_log" / "server.log"


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as opened:
        yield opened


def facts(store: Store) -> list[tuple[object, ...]]:
    columns = "source_id, size_bytes, (select count(*) from message where message.source_id = source.source_id), sha256, path"
    return store.query(f"select {columns} from source order by source_id").rows


def test_a_capture_that_grows_is_there_once(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "growing.pcap"
    counts = []
    for size in (5_000, 12_345, len(WHOLE)):
        path.write_bytes(WHOLE[:size])
        (outcome,) = ingest_paths(store, [str(path)])
        assert not outcome.known
        ((_, size_bytes, messages, _, _),) = facts(store)
        assert (size_bytes, messages) == (size, outcome.rows["message"])
        counts.append(messages)
    assert counts[0] < counts[1] < counts[2] == 28
    assert "takes the place of what was read" in outcome.warnings[-1]
    assert next(ingest_paths(store, [str(path)])).known


def test_what_is_unfinished_is_told_and_what_to_do(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "growing.pcap"
    path.write_bytes(WHOLE[:12_345])
    (outcome,) = ingest_paths(store, [str(path)])
    (warning,) = outcome.warnings
    assert "ends within a packet" in warning
    assert "ingest it again later" in warning


def test_it_may_be_moved_while_it_grows(store: Store, tmp_path: Path) -> None:
    """By content, not by name; and a file that only begins alike stays beside the other."""
    for name, content in (("a", WHOLE[:9_000]), ("b", WHOLE), ("c", WHOLE[:8_000] + WHOLE[24:])):
        (tmp_path / name).write_bytes(content)
        list(ingest_paths(store, [str(tmp_path / name)]))
    assert [Path(str(row[4])).name for row in facts(store)] == ["b", "c"]


def test_a_capture_without_packets_is_no_part_of_another(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(WHOLE[:24])
    (tmp_path / "other").write_bytes(WHOLE)
    for name in ("empty", "other"):
        list(ingest_paths(store, [str(tmp_path / name)]))
    assert [row[1] for row in facts(store)] == [24, len(WHOLE)]


def test_an_interrupted_second_reading_keeps_the_first(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from siplens.pipeline import one_file

    path = tmp_path / "growing.pcap"
    path.write_bytes(WHOLE[:9_000])
    list(ingest_paths(store, [str(path)]))
    before = facts(store)
    path.write_bytes(WHOLE)

    write = one_file.write_source

    def full(*row: Any) -> None:
        write(*row)
        raise OSError("no space left on device")

    monkeypatch.setattr(one_file, "write_source", full)
    with pytest.raises(OSError, match="no space"):
        list(ingest_paths(store, [str(path)]))
    assert facts(store) == before


def test_what_is_written_while_it_is_read_comes_next_time(store: Store, tmp_path: Path) -> None:
    """Hash and rows are of the same bytes, those that were there when the file was looked at."""
    path = tmp_path / "growing.pcap"
    path.write_bytes(WHOLE[:9_000])

    def more(_: Path, __: int) -> None:
        path.write_bytes(WHOLE)

    (first,) = ingest_paths(store, [str(path)], progress=more)
    assert facts(store)[0][1] == 9_000
    (second,) = ingest_paths(store, [str(path)])
    assert second.rows["message"] == 28 > first.rows["message"]
    assert len(facts(store)) == 1


def test_hashes_of_beginnings(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(WHOLE)
    sizes = [1, 4096, len(WHOLE) - 1, len(WHOLE)]
    found = fingerprint(path, sizes)
    assert list(found.beginnings.values()) == sizes
    assert found.beginnings[found.sha256] == len(WHOLE)
    assert fingerprint(path, size=4096).sha256 in found.beginnings


class Dribble(io.RawIOBase):
    """A pipe that gives what there is, a little at a time, and cannot go back."""

    def __init__(self, content: bytes) -> None:
        self._rest = memoryview(content)

    def readable(self) -> bool:
        return True

    def readinto(self, room: bytearray) -> int:  # type: ignore[override]
        piece = self._rest[: min(777, len(room))]
        room[: len(piece)] = piece
        self._rest = self._rest[len(piece) :]
        return len(piece)


def test_a_capture_from_a_pipe_is_the_file_it_came_from(store: Store) -> None:
    (outcome,) = ingest_stream(store, io.BufferedReader(Dribble(WHOLE)), label="tap")
    assert (outcome.rows["message"], outcome.known) == (28, False)
    assert next(ingest_paths(store, [str(CAPTURE)])).known, "the same bytes"
    assert [row[1] for row in facts(store)] == [len(WHOLE)]
    (again,) = ingest_stream(store, io.BufferedReader(Dribble(WHOLE)))
    assert again.known
    damaged = WHOLE[:9_000] + b"\xff" * 5_000_000
    (broken,) = ingest_stream(store, io.BufferedReader(io.BytesIO(damaged)))
    assert "contradicts itself" in broken.warnings[0]
    assert facts(store)[-1][1] == len(damaged), "the hash is that of all bytes, also of those behind the damage"


def test_a_log_and_other_things_from_a_pipe(store: Store) -> None:
    (outcome,) = ingest_stream(store, io.BufferedReader(io.BytesIO(LOG.read_bytes())))
    assert outcome.rows["message"] > 0
    assert store.query("select path, kind from source").rows == [("stdin", "log")], "not the file that it was written to meanwhile"
    (refused,) = ingest_stream(store, io.BufferedReader(io.BytesIO(b"\0nothing that anybody knows")))
    assert refused.error is not None
    assert refused.error.message.startswith("standard input: not a file that siplens can read")
    (empty,) = ingest_stream(store, io.BufferedReader(io.BytesIO(b"")))
    assert empty.error is not None
    assert empty.error.message.startswith("standard input: the file is empty")


def test_a_ring_is_read_in_the_order_of_its_packets(store: Store, tmp_path: Path) -> None:
    """Names that count without leading zeros, begin anew, or are compressed: the first packets say what came first."""
    from ..capture.packets import pcap, sip, udp_frame

    # The ring went round: numbers 3 and 4 are older than 1 and 2.
    for place, name in enumerate(
        ("tap_00003_20260101100000", "tap_00004_20260101110000", "tap_00001_20260101120000", "tap_00002_20260101130000")
    ):
        (tmp_path / f"{name}.pcap").write_bytes(pcap([(place * 3600, udp_frame(sip(f"c{place}")))]))
    (tmp_path / "other.pcap").write_bytes(pcap([(0, udp_frame(sip("other")))]))
    names = [outcome.path.name[:9] for outcome in ingest_paths(store, [str(tmp_path)])]
    assert names == ["other.pca", "tap_00003", "tap_00004", "tap_00001", "tap_00002"]


def ring(tmp_path: Path, *files: list[tuple[float, bytes]]) -> list[str]:
    from ..capture.packets import pcap

    for place, frames in enumerate(files, 1):
        (tmp_path / f"ring_{place:05}_20260101{place:06}.pcap").write_bytes(pcap(frames))
    return [str(tmp_path)]


def test_a_call_goes_on_in_the_next_file_of_a_ring(store: Store, tmp_path: Path) -> None:
    """Its SDP was in the file before: media is known, with its clock. Each file has its own row of the stream."""
    from ..capture.packets import B, rtp, sdp, sip, udp_frame

    offer = (0.0, udp_frame(sip("c1", body=sdp(B, 40_000, "96 opus/48000/2", 96))))
    media = [(1 + n * 0.02, udp_frame(rtp(n, n * 960, payload_type=96), (30_000, 40_000))) for n in range(100)]
    list(ingest_paths(store, ring(tmp_path, [offer, *media[:50]], media[50:97], media[97:])))
    rows = store.query("select bound_by, clock_hz, packets, lost, first_frame from media_flow order by flow_id").rows
    assert rows == [("sdp", 48_000, 50, 0, 2), ("sdp", 48_000, 47, 0, 1), ("sdp", 48_000, 3, 0, 1)]


def test_a_message_and_a_datagram_cut_by_the_end_of_a_file(store: Store, tmp_path: Path) -> None:
    """They are whole in the file with their last byte, by the number of its frame there."""
    from ..capture.packets import ethernet, ip4, sip, tcp_frame, udp

    text = sip("stream", body="x" * 600)
    packet = udp(sip("fragments", body="x" * 2000))
    parts = [ethernet(ip4(packet[at : at + 1480], identity=3, fragment=at // 8 | (at == 0) << 13)) for at in (0, 1480)]
    first = [(0.0, tcp_frame(text[:300], 1)), (0.1, parts[0])]
    second = [(1.0, tcp_frame(text[300:500], 301)), (1.1, parts[1]), (1.2, tcp_frame(text[500:], 501))]
    list(ingest_paths(store, ring(tmp_path, first, second)))
    rows = store.query("select source_id, frame, call_id, body_bytes from message order by frame").rows
    assert rows == [(2, 2, "fragments", 2000), (2, 3, "stream", 600)]
    assert store.query("select check_name from capture_health").rows == []


def test_two_capture_points_are_no_ring(store: Store, tmp_path: Path) -> None:
    """Names that differ by a number only, and the same time: nothing goes over. Nor after a file that was read before, or a pause."""
    from ..capture.packets import sip, tcp_frame

    text = sip("stream", body="x" * 600)
    half, rest = [(0.0, tcp_frame(text[:300], 1)), (30.0, tcp_frame(b"", 301, 0x11))], [(1.0, tcp_frame(text[300:], 301))]
    list(ingest_paths(store, ring(tmp_path, half, rest)))
    later = [(4000.0, tcp_frame(text[300:], 301))]
    (tmp_path / "pause").mkdir()
    list(ingest_paths(store, ring(tmp_path / "pause", half, later)))
    assert store.query("select count(*) from message where body_bytes = 600").rows == [(0,)]


def test_what_never_ends_in_a_ring_is_told(store: Store, tmp_path: Path) -> None:
    from ..capture.packets import sip, tcp_frame, udp_frame

    first = [(0.0, tcp_frame(sip("stream", body="x" * 600)[:400], 1)), (0.5, udp_frame(sip("udp")))]
    list(ingest_paths(store, ring(tmp_path, first, [(1.0, udp_frame(sip("other")))])))
    assert store.query("select call_id from message order by 1").rows == [("other",), ("udp",)]
    ((detail,),) = store.query("select detail from capture_health").rows
    assert detail == "SIP messages that began in the file before this one and never ended"
